import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readJsonFiles } from '../json-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

it('reads every file that it can, and says of each other one why it cannot', async () => {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder, name);
  await writeFile(at('a-good.json'), '\uFEFF{"ä": 1}');
  await mkdir(at('b-folder.json'));
  await symlink(at('nowhere'), at('c-dangling.json'));
  await symlink(at('d-loop.json'), at('d-loop.json'));
  await writeFile(at('e-latin.json'), Buffer.from('{"name": "café"}', 'latin1'));
  await writeFile(at('f-huge.json'), '');
  await truncate(at('f-huge.json'), 100_000_000);
  execFileSync('mkfifo', [at('g-pipe.json')]);
  await writeFile(at('other.txt'), 'not read');

  expect(await readJsonFiles(folder)).toEqual([
    { file: at('a-good.json'), text: '\uFEFF{"ä": 1}', problem: null },
    { file: at('b-folder.json'), text: '', problem: 'Expected a file, but this is a folder.' },
    {
      file: at('c-dangling.json'),
      text: '',
      problem: 'The file is gone, or it is a link to a file that does not exist.',
    },
    { file: at('d-loop.json'), text: '', problem: 'The file cannot be read (ELOOP).' },
    { file: at('e-latin.json'), text: '', problem: 'The file is not UTF-8. Save it again with this encoding.' },
    {
      file: at('f-huge.json'),
      text: '',
      problem: 'The file has 100000000 bytes, more than the 4194304 allowed.',
    },
    { file: at('g-pipe.json'), text: '', problem: 'Expected a regular file, but this is a pipe or a device.' },
  ]);
});

it('skips hidden files, which editors and archivers leave behind', async () => {
  const folder = await temporaryFolder();
  await symlink('sari@laptop.4711', join(folder, '.#shop.json'));
  await writeFile(join(folder, '._shop.json'), Buffer.from([0, 5, 22, 7]));
  expect(await readJsonFiles(folder)).toEqual([]);
});
