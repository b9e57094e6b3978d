import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sharedTemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('a temporary folder', () => {
  let folder: string;
  let previous: string | undefined;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    expect(await readdir(folder)).toEqual(['file']);
    previous = folder;
  });

  it('is there for the hooks after the test', async () => {
    await writeFile(join(folder, 'file'), '');
  });

  it('is empty for each test, and deleted after it', async () => {
    expect(await readdir(folder)).toEqual([]);
    expect(existsSync(previous!)).toBe(false);
    await writeFile(join(folder, 'file'), '');
  });
});

describe('a shared temporary folder', () => {
  let path: string;
  describe('in its suite', () => {
    const shared = sharedTemporaryFolder();
    beforeAll(async () => {
      path = shared.path;
      await writeFile(join(path, 'file'), '');
    });
    afterAll(async () => {
      expect(await readdir(path)).toEqual(['file']);
    });

    it('keeps what beforeAll has written', async () => {
      expect(await readdir(shared.path)).toEqual(['file']);
    });
  });

  it('is deleted after its suite', () => {
    expect(path).not.toBe('');
    expect(existsSync(path)).toBe(false);
  });
});
