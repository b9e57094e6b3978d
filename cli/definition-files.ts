import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../errors.ts';

/**
 * The JSON files that a command's paths mean, each once: a file is itself, a folder the `*.json` in it, not those of its folders.
 * Throws KAIT_USAGE on a path where there is nothing.
 */
export async function filesAt(paths: string[]): Promise<string[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  return [...new Set(files)];
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await isFolder(path))) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
  return names.map((name) => join(path, name));
}

/** Throws KAIT_USAGE where there is nothing. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new KaitError('KAIT_USAGE', `There is no file or folder ${path}.`, { cause: error });
  }
}
