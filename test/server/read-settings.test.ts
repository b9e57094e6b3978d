import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from '../../server/read-settings.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function folderWith(content: string | null): Promise<string> {
  const file = join(await temporaryFolder(), 'settings.json');
  if (content !== null) await writeFile(file, content);
  return file;
}

const shipped =
  '{ "shopUrl": { "type": "url", "default": "https://shop.example" }, "retries": { "type": "integer", "default": 3 } }';

it("takes a project's setting in the place of the package's one of the same name", async () => {
  const own = await folderWith(
    '{ "retries": { "type": "text", "default": "a few" }, "city": { "type": "text", "default": "Bogor" } }',
  );
  expect(readSettings([own, await folderWith(shipped)], {}, { isComplete: true })).toEqual({
    settings: {
      types: { shopUrl: 'url', retries: 'text', city: 'text' },
      values: { shopUrl: 'https://shop.example', retries: 'a few', city: 'Bogor' },
    },
    problems: [],
  });
});

it('passes over a project that has no settings', async () => {
  const read = readSettings([await folderWith(null), await folderWith(shipped)], {}, { isComplete: true });
  expect(read).toMatchObject({ settings: { values: { shopUrl: 'https://shop.example', retries: 3 } }, problems: [] });
});

it('says where a file has a mistake', async () => {
  const own = await folderWith('{ "retries": { "type": "integr" } }');
  expect(readSettings([own, await folderWith(shipped)], {}, { isComplete: true })).toEqual({
    problem: expect.stringContaining(`${own}:1:24 error KAIT1104 "type" does not allow "integr".`),
  });
});

it('says that a file cannot be read', async () => {
  const own = join(await temporaryFolder(), 'settings.json');
  await mkdir(own);
  expect(readSettings([own], {}, { isComplete: true })).toEqual({
    problem: expect.stringContaining('KAIT1005 Expected a file, but this is a folder.'),
  });
});
