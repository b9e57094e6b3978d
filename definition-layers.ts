import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packagePath } from './package-path.ts';

/**
 * The folders of a part of the definitions, `gateways` or `mails`: that of the project before that of the package. A file of the
 * project takes the place of the package's one of the same name.
 */
export function layersOf(definitions: string, ...part: string[]): string[] {
  const own = join(definitions, ...part);
  const shipped = packagePath('definitions', ...part);
  return resolve(own) === shipped ? [shipped] : [own, shipped];
}

/**
 * The paths of files by their names, in alphabetical order; first the one that counts, then those that it takes the place of.
 * `nameOf` returns null for other files. Folders that do not exist are passed over. Rejects if one cannot be read.
 */
export async function layeredFiles(
  folders: readonly string[],
  nameOf: (entry: string) => string | null,
): Promise<Map<string, [string, ...string[]]>> {
  const byName = new Map<string, [string, ...string[]]>();
  for (const folder of folders) {
    for (const entry of await entriesOf(folder)) {
      const name = nameOf(entry);
      if (name === null) continue;
      const path = join(folder, entry);
      const above = byName.get(name);
      byName.set(name, above === undefined ? [path] : [...above, path]);
    }
  }
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
