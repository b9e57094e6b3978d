import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A JSON file of a folder. `problem` says why its text could not be read; the text is then empty. */
export interface JsonFile {
  file: string;
  text: string;
  problem: string | null;
}

/** Larger than any preset, definition or list of sources. A file beyond it is a mistake and is not read into memory. */
const mostBytes = 4 * 2 ** 20;

/**
 * Reads the `*.json` of a folder in alphabetical order. Skips hidden files, which editors and archivers leave behind. A file that
 * cannot be read does not hide the others. Rejects only if the folder cannot be read.
 */
export async function readJsonFiles(folder: string): Promise<JsonFile[]> {
  const names = (await readdir(folder)).filter(isJsonName).sort();
  return names.map((name) => readJsonFile(join(folder, name)));
}

/** Whether a file of this name counts as one of its folder. */
export function isJsonName(name: string): boolean {
  return name.endsWith('.json') && !name.startsWith('.');
}

/** The name of such a file without `.json`; null for others. */
export function jsonNameOf(entry: string): string | null {
  return isJsonName(entry) ? entry.slice(0, -'.json'.length) : null;
}

/**
 * Never throws, and never waits for a pipe or a device to say something. Reads at once: for files this small, a promise costs several
 * times as much as the reading.
 */
export function readJsonFile(file: string): JsonFile {
  try {
    const found = statSync(file);
    if (found.isDirectory()) return unread(file, 'Expected a file, but this is a folder.');
    if (!found.isFile()) return unread(file, 'Expected a regular file, but this is a pipe or a device.');
    if (found.size > mostBytes) {
      return unread(file, `The file has ${found.size} bytes, more than the ${mostBytes} allowed.`);
    }
    return { file, text: textOf(readFileSync(file)), problem: null };
  } catch (error) {
    return unread(file, reasonOf(error));
  }
}

function unread(file: string, problem: string): JsonFile {
  return { file, text: '', problem };
}

/** Keeps a byte order mark, so that positions stay. */
function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new TypeError('not UTF-8');
  return bytes.toString('utf8');
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'The file is gone, or it is a link to a file that does not exist.';
  if (code === 'EACCES' || code === 'EPERM') return `Kait may not read the file (${code}).`;
  if (error instanceof TypeError) return 'The file is not UTF-8. Save it again with this encoding.';
  return `The file cannot be read (${code || String(error)}).`;
}
