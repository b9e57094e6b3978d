import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createConsoleFiles } from '../../../server/console/console-files.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const packed = brotliCompressSync('run()');

async function build(folder: string): Promise<void> {
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'assets/main-4fa1.js.br'), packed);
  await writeFile(join(folder, 'assets/main-4fa1.js.map'), '{}');
  await writeFile(join(folder, 'icon.svg'), '<svg/>');
  await writeFile(join(folder, '.env'), 'SECRET=1');
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
}

it('serves what a browser needs, and nothing else that a build may leave', async () => {
  const folder = await temporaryFolder();
  await build(folder);
  await symlink('/etc/hostname', join(folder, 'hostname.txt'));
  const files = await createConsoleFiles(folder)();
  expect([...files.keys()].sort()).toEqual(['/assets/main-4fa1.js', '/icon.svg', '/index.html']);
});

it('knows the type of a file, whether it can change, and its compressed forms', async () => {
  const folder = await temporaryFolder();
  await build(folder);
  const files = await createConsoleFiles(folder)();
  expect(files.get('/assets/main-4fa1.js')).toEqual({
    bytes: Buffer.from('run()'),
    type: 'text/javascript; charset=utf-8',
    etag: '"AvyuiL0SD1mVY3NNxR-V2u"',
    isHashed: true,
    compressed: new Map([
      ['br', packed],
      ['gzip', gzipSync('run()')],
    ]),
  });
  expect(files.get('/icon.svg')).toMatchObject({ isHashed: false, compressed: new Map() });
});

it('finds a console that was built after it was first asked for', async () => {
  const folder = join(await temporaryFolder(), 'console');
  const read = createConsoleFiles(folder);
  expect((await read()).size).toBe(0);
  await mkdir(folder);
  await writeFile(join(folder, 'app.js'), 'half of a build');
  expect((await read()).size).toBe(0);
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  expect((await read()).size).toBe(2);
});

it('reads the folder once', async () => {
  const folder = await temporaryFolder();
  await build(folder);
  const read = createConsoleFiles(folder);
  expect(await read()).toBe(await read());
});
