import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { isPartOfSet, type SetFiles } from '../../server/publish/set-files.ts';

/** Servers and workers of one machine may share a data folder. Each kind keeps its sets apart, because they do not take them at the same instant. */
export type ProcessKind = 'server' | 'worker';

/** Where a process finds the set that it serves: the same path for every set. */
export const servedFolder = (home: string, kind: ProcessKind) => join(home, 'published', kind, 'current');

/** How many sets stay beside the one in use, for other processes of this kind that still read them. */
const keptSets = 4;
/** What `writeSet` calls a set's folder. Nothing else is ever deleted. */
const setFolder = /^(?:\.new-)?\d+-[0-9a-f]{12}-[0-9a-f]{8}$/;

/** Writes a set beside the one that is served, and resolves to its folder. Nobody reads it before {@link serveFolder}. */
export async function writeSet(
  home: string,
  kind: ProcessKind,
  set: { id: number; hash: string; files: SetFiles },
): Promise<string> {
  const parent = dirname(servedFolder(home, kind));
  const name = `${set.id}-${set.hash.slice(0, 12)}-${randomBytes(4).toString('hex')}`;
  const beginning = join(parent, `.new-${name}`);
  await mkdir(beginning, { recursive: true, mode: 0o700 });
  await writeFiles(beginning, set.files);
  await rename(beginning, join(parent, name));
  return join(parent, name);
}

/** Makes a folder that {@link writeSet} has written the one that is served, at once, and deletes older ones. */
export async function serveFolder(home: string, kind: ProcessKind, folder: string): Promise<void> {
  const served = servedFolder(home, kind);
  const link = join(dirname(served), `.next-${process.pid}`);
  await rm(link, { force: true });
  await symlink(basename(folder), link);
  await rename(link, served);
  await removeOldSets(dirname(served), basename(folder));
}

/** Neither follows a link nor touches what Kait has not written. What is in use stays. */
async function removeOldSets(parent: string, inUse: string): Promise<void> {
  const entries = await readdir(parent, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() && setFolder.test(entry.name)).map(({ name }) => name);
  const served = await readlink(join(parent, 'current')).catch(() => inUse);
  const others = names.filter((name) => name !== inUse && name !== served);
  const dated = await Promise.all(
    others.map(async (name) => ({ name, at: (await stat(join(parent, name))).mtimeMs })),
  ).catch(() => []); // Another process is deleting them, too.
  const old = dated.sort((a, b) => b.at - a.at).slice(keptSets);
  await Promise.all(old.map(({ name }) => rm(join(parent, name), { recursive: true, force: true })));
}

/** Has `use` look at a set in a folder that exists only meanwhile. */
export async function inTemporaryFolder<Found>(
  home: string,
  files: SetFiles,
  use: (folder: string) => Promise<Found>,
): Promise<Found> {
  const folder = join(home, 'published', `.check-${randomBytes(8).toString('hex')}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    await writeFiles(folder, files);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws a TypeError for a path that leads elsewhere, wherever it comes from. */
async function writeFiles(folder: string, files: SetFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    if (!isPartOfSet(path)) throw new TypeError(`${JSON.stringify(path)} is no part of a set`);
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
  }
}

/** The files of a definitions folder that processes read: no tests, samples, examples or notes. */
export async function readSetFiles(folder: string): Promise<SetFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isPartOfSet)
    .sort();
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const)),
  );
}
