import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { packagePath } from '../package-path.ts';

const decompress = promisify(brotliDecompress);

/**
 * The file with an empty database that the build has made, as a compressed tar archive. It is named after the PGlite that made it: another
 * one may not be able to read it.
 */
export function preparedDatabase(): string {
  const module = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const { version } = JSON.parse(readFileSync(join(dirname(module), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return packagePath('dist', `pglite-${version}.tar.br`);
}

/** The prepared database as an archive; null if there is none, so that PGlite must make its own. */
export async function readPrepared(file = preparedDatabase()): Promise<Buffer | null> {
  return existsSync(file) ? decompress(await readFile(file)) : null;
}

/**
 * Unpacks the prepared database, unless there is one in `folder`. The folder has a whole database or none, whenever this process is killed:
 * the files get their place at once.
 */
export async function placePrepared(folder: string, file?: string): Promise<void> {
  if (existsSync(folder)) return;
  const archive = await readPrepared(file);
  if (archive === null) return;
  const beside = `${folder}.new`;
  await rm(beside, { recursive: true, force: true });
  await mkdir(beside, { recursive: true, mode: 0o700 });
  const entries = [...entriesOf(archive)];
  for (const { path, isFolder } of entries) if (isFolder) await mkdir(join(beside, path), { mode: 0o700 });
  await Promise.all(
    entries
      .filter(({ isFolder }) => !isFolder)
      .map(({ path, content }) => writeFile(join(beside, path), content, { mode: 0o600 })),
  );
  await rename(beside, folder);
}

interface Entry {
  path: string;
  isFolder: boolean;
  content: Buffer;
}

const blockBytes = 512;

/** A folder comes before what is in it. The format: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar). */
function* entriesOf(archive: Buffer): Iterable<Entry> {
  for (let at = 0; at < archive.length && archive[at] !== 0;) {
    const text = (from: number, length: number) =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = parseInt(text(124, 12), 8);
    const begin = at + blockBytes;
    yield { path: text(0, 100), isFolder: text(156, 1) === '5', content: archive.subarray(begin, begin + size) };
    at = begin + Math.ceil(size / blockBytes) * blockBytes;
  }
}
