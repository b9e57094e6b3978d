import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { testFileOf } from '../definition-files.ts';

/** More is nothing that somebody has written, and would only hold up the page that shows it. */
const mostBytes = 2 ** 20;

/** Reads the tests beside a definition. `text` is null if there are none, or more than a page can show. */
export async function readTestsBeside(definition: string): Promise<{ file: string; text: string | null }> {
  const file = testFileOf(definition);
  return { file: basename(file), text: await readSmall(file) };
}

/** Null also for what is no file, or cannot be read. */
async function readSmall(file: string): Promise<string | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    return size > mostBytes ? null : await handle.readFile('utf8');
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}
