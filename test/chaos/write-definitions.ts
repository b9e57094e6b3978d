import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packaged = fileURLToPath(new URL('../../definitions', import.meta.url));
const own = fileURLToPath(new URL('definitions', import.meta.url));
/** Where the crash test's definitions send their requests, until the receiver's address is known. */
const placeholder = 'https://effects.example';

/** Writes the shipped definitions and the crash test's own into a folder. */
export async function writeDefinitions(folder: string, effectUrl: string): Promise<void> {
  await cp(packaged, folder, { recursive: true });
  await cp(join(own, 'sources.json'), join(folder, 'sources.json'));
  await writeWorkflows('workflows', folder, effectUrl);
}

/** Writes the changed definitions, which servers that start from now on serve. */
export async function changeDefinitions(folder: string, effectUrl: string): Promise<void> {
  await writeWorkflows('moved', folder, effectUrl);
}

async function writeWorkflows(from: string, folder: string, effectUrl: string): Promise<void> {
  for (const file of await readdir(join(own, from))) {
    const text = await readFile(join(own, from, file), 'utf8');
    await writeFile(join(folder, 'workflows', file), text.replaceAll(placeholder, effectUrl));
  }
}
