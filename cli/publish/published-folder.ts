import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { SetFiles } from '../../server/publish/published-sets.ts';

/** Where a process keeps the set that it serves: the same path for every set. */
export const publishedFolder = (home: string) => join(home, 'published', 'current');

/** Makes the set the content of the folder, at once. */
export async function writePublished(home: string, set: { id: number; hash: string; files: SetFiles }): Promise<void> {
  const folder = publishedFolder(home);
  const name = `${set.id}-${set.hash.slice(0, 12)}`;
  const parent = dirname(folder);
  await mkdir(join(parent, name), { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(set.files)) {
    const file = join(parent, name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  const link = join(parent, `.next-${process.pid}`);
  await rm(link, { force: true });
  await symlink(name, link);
  await rename(link, folder);
}

/** All files but tests and hidden ones. A set is text: what no process needs does not belong into the folder. */
export async function readSetFiles(folder: string): Promise<SetFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.endsWith('.test.json') && !path.split('/').some((part) => part.startsWith('.')))
    .sort();
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  );
}
