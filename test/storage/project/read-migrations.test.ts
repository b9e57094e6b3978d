import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readMigrations } from '../../../storage/project/read-migrations.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

async function folderOf(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

it('reads the files in the order of their numbers', async () => {
  const folder = await folderOf({
    '10_c.sql': 'c',
    '2_b.sql': 'b',
    '001_a.sql': 'a',
    '2_a.sql': 'ba',
    'notes.md': '',
    '.3_d.sql': '',
  });
  await mkdir(join(folder, '4_folder.sql'));
  expect((await readMigrations(folder)).map(({ name }) => name)).toEqual([
    '001_a.sql',
    '2_a.sql',
    '2_b.sql',
    '10_c.sql',
  ]);
});

it('orders times by the time', async () => {
  const folder = await folderOf({ '2026-11-27-b.sql': '', '2026-2-1-a.sql': '', '20261127203000_c.sql': '' });
  expect((await readMigrations(folder)).map(({ name }) => name)).toEqual([
    '2026-2-1-a.sql',
    '2026-11-27-b.sql',
    '20261127203000_c.sql',
  ]);
});

it('has no migrations without a folder', async () => {
  expect(await readMigrations(join(await temporaryFolder(), 'migrations'))).toEqual([]);
});

it('gives a file the same checksum with the line ends and the mark of Windows', async () => {
  const [unix, windows, other] = await readMigrations(
    await folderOf({
      '1.sql': 'select 1;\nselect 2;\n',
      '2.sql': '\uFEFFselect 1;\r\nselect 2;\r\n',
      '3.sql': 'select 1;\nselect 3;\n',
    }),
  );
  expect(windows?.checksum).toBe(unix?.checksum);
  expect(other?.checksum).not.toBe(unix?.checksum);
});

it.each<[string, Record<string, string | Uint8Array>, string]>([
  [
    'a name without a number',
    { 'seed.sql': '' },
    'migrations/seed.sql: its name must begin with a number, which says when it is applied: 0001_seed.sql',
  ],
  [
    'a way back',
    { '1_a.down.sql': '' },
    'migrations/1_a.down.sql: migrations only go forward. Remove it; to undo a change, add a migration',
  ],
  [
    'the same place twice',
    { '01_a.sql': '', '1_a.sql': '' },
    'migrations/1_a.sql: 01_a.sql has the same place in the order. Give one of them another number',
  ],
  [
    'another encoding',
    { '1_a.sql': Buffer.from('select 1', 'utf16le') },
    'migrations/1_a.sql: must be UTF-8. Save it again with the encoding UTF-8',
  ],
  [
    'bytes that are no text',
    { '1_a.sql': Buffer.from([0x73, 0xff]) },
    'migrations/1_a.sql: must be UTF-8. Save it again with the encoding UTF-8',
  ],
])('refuses %s', async (_what, files, message) => {
  await expect(readMigrations(await folderOf(files))).rejects.toMatchObject({
    code: 'KAIT_MIGRATIONS_INVALID',
    message,
  });
});
