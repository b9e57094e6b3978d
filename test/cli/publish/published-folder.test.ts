import { mkdir, readdir, readFile, readlink, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import {
  inTemporaryFolder,
  readSetFiles,
  serveFolder,
  servedFolder,
  writeSet,
} from '../../../cli/publish/published-folder.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const set = (id: number, files: Record<string, string> = { 'workflows/paid.json': `${id}` }) => ({
  ...{ id, files },
  hash: 'a'.repeat(64),
});

async function serve(home: string, id: number): Promise<string> {
  const folder = await writeSet(home, 'worker', set(id));
  await serveFolder(home, 'worker', folder);
  // The clock of a file system may be too coarse to tell them apart.
  await utimes(folder, id, id);
  return basename(folder);
}

it('serves what was written only once it is told to', async () => {
  const home = await temporaryFolder();
  await serve(home, 1);
  const next = await writeSet(home, 'worker', set(2));
  const served = () => readFile(join(servedFolder(home, 'worker'), 'workflows/paid.json'), 'utf8');
  expect(await served()).toBe('1');
  await serveFolder(home, 'worker', next);
  expect(await served()).toBe('2');
});

it('keeps the sets of servers and of workers apart', async () => {
  const home = await temporaryFolder();
  await serve(home, 1);
  await serveFolder(home, 'server', await writeSet(home, 'server', set(2)));
  expect(await readFile(join(servedFolder(home, 'worker'), 'workflows/paid.json'), 'utf8')).toBe('1');
  expect(await readFile(join(servedFolder(home, 'server'), 'workflows/paid.json'), 'utf8')).toBe('2');
});

it('deletes all but the four newest sets beside the one in use', async () => {
  const home = await temporaryFolder();
  const names: string[] = [];
  for (let id = 1; id <= 9; id++) names.push(await serve(home, id));
  const left = await readdir(join(home, 'published/worker'));
  expect(left.sort()).toEqual([...names.slice(4), 'current'].sort());
  expect(await readlink(servedFolder(home, 'worker'))).toBe(names[8]);
});

it('deletes nothing that it has not written: no links, no other names, nothing outside', async () => {
  const home = await temporaryFolder();
  const parent = join(home, 'published/worker');
  await mkdir(join(home, 'mine'), { recursive: true });
  await writeFile(join(home, 'mine/file'), 'mine');
  await mkdir(join(parent, 'notes'), { recursive: true });
  await mkdir(join(parent, '1-backup'));
  const link = '0-aaaaaaaaaaaa-00000000';
  await symlink(join(home, 'mine'), join(parent, link));
  for (let id = 1; id <= 9; id++) await serve(home, id);
  expect(await readdir(parent)).toEqual(expect.arrayContaining(['1-backup', link, 'notes']));
  expect(await readFile(join(home, 'mine/file'), 'utf8')).toBe('mine');
});

it('follows no link of a set that it deletes', async () => {
  const home = await temporaryFolder();
  await mkdir(join(home, 'mine'));
  await writeFile(join(home, 'mine/file'), 'mine');
  const first = await serve(home, 1);
  await symlink(join(home, 'mine'), join(home, 'published/worker', first, 'mails'));
  await utimes(join(home, 'published/worker', first), 1, 1);
  for (let id = 2; id <= 9; id++) await serve(home, id);
  expect(await readdir(join(home, 'published/worker'))).not.toContain(first);
  expect(await readFile(join(home, 'mine/file'), 'utf8')).toBe('mine');
});

it.each(['../out.json', 'workflows/../../../out.json', '/out.json', 'other/x.json'])(
  'writes no set with the path %s, even if it comes from the database',
  async (path) => {
    const home = await temporaryFolder();
    await expect(writeSet(home, 'worker', set(1, { [path]: '' }))).rejects.toThrow('is no part of a set');
    expect((await readdir(home, { recursive: true })).filter((each) => each.endsWith('.json'))).toEqual([]);
  },
);

it('leaves nothing of a set that was only looked at', async () => {
  const home = await temporaryFolder();
  const look = (folder: string) => readSetFiles(folder);
  expect(await inTemporaryFolder(home, { 'sources.json': '{}' }, look)).toEqual({ 'sources.json': '{}' });
  await expect(inTemporaryFolder(home, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await readdir(join(home, 'published'))).toEqual([]);
});
