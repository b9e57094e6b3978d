import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, onTestFinished } from 'vitest';

/**
 * Creates an empty folder for one test. Call it in the test or in `beforeEach`. The folder is deleted when the test and
 * its `afterEach` hooks have finished, even if they failed.
 */
export async function temporaryFolder(): Promise<string> {
  const folder = await createFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/**
 * Creates an empty folder that all tests of a file, or of a `describe`, share. Call it beside the hooks. `path` can be
 * read in `beforeAll` hooks below the call, and in tests. The folder is deleted after the `afterAll` hooks.
 */
export function sharedTemporaryFolder(): { readonly path: string } {
  const folder = { path: '' };
  beforeAll(async () => {
    const path = (folder.path = await createFolder());
    return () => removeFolder(path);
  });
  return folder;
}

function createFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'kait-test-'));
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}
