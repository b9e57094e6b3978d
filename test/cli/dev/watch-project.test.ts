import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { watchProject } from '../../../cli/dev/watch-project.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'definitions/workflows'), { recursive: true });
  await writeFile(join(folder, 'definitions/workflows/a.json'), '{}');
});

async function watched() {
  const changed = vi.fn(() => Promise.resolve());
  const paths = { folder: join(folder, 'definitions'), file: join(folder, '.env'), project: folder };
  const watching = await watchProject(paths, changed);
  onTestFinished(() => watching.stop());
  return { changed, watching };
}

it.each([
  ['a file', () => writeFile(join(folder, 'definitions/workflows/a.json'), '{ }')],
  [
    'a file in a new folder',
    async () => {
      await mkdir(join(folder, 'definitions/mails'));
      await writeFile(join(folder, 'definitions/mails/receipt.json'), '{}');
    },
  ],
  ['a file that is removed', () => rm(join(folder, 'definitions/workflows/a.json'))],
  ['an .env that did not exist', () => writeFile(join(folder, '.env'), 'A=1')],
  [
    'an activity in a folder that did not exist',
    async () => {
      await mkdir(join(folder, 'activities'));
      await writeFile(join(folder, 'activities/points.ts'), 'export {}');
    },
  ],
  ['a file that activities import', () => writeFile(join(folder, 'prices.ts'), 'export {}')],
])('follows %s', async (_what, change) => {
  const { changed } = await watched();
  await change();
  await expect.poll(() => changed.mock.calls.length).toBeGreaterThan(0);
});

it('follows a file that an editor replaces again and again', async () => {
  const { changed } = await watched();
  const file = join(folder, 'definitions/workflows/a.json');
  const replace = async (text: string) => {
    await writeFile(`${file}~`, text);
    await rename(`${file}~`, file);
  };
  await replace('1');
  await expect.poll(() => changed.mock.calls.length).toBe(1);
  await replace('22');
  await expect.poll(() => changed.mock.calls.length).toBe(2);
});

it('calls nothing any more once it has stopped', async () => {
  const { changed, watching } = await watched();
  await watching.stop();
  await writeFile(join(folder, 'definitions/workflows/a.json'), '[]');
  expect(changed).not.toHaveBeenCalled();
});
