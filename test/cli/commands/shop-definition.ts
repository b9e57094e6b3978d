import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach } from 'vitest';
import { temporaryFolder } from '../../temporary-folder.ts';

/** A small definition as `kait fmt` formats it. */
export const formatted = `{
  "name": "shop",
  "on": { "event": "payment.succeeded" },
  "steps": [
    { "id": "tell", "emit": "order.paid" }
  ]
}
`;
export const messy = formatted.replaceAll('\n', ' ');
/** Has a mistake in line 5. */
export const faulty = formatted.replace('"emit"', '"emitt"');

/** Runs a command. Resolves to its exit code and the text that it writes. */
export async function runCommand(
  command: (write: (text: string) => void) => Promise<number>,
): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const code = await command((text) => written.push(text));
  return { code, text: written.join('\n') };
}

/** An empty folder for each test of the calling file; `put` writes a file there and resolves to its path. */
export function folderOfEachTest(): { folder: () => string; put: (name: string, content: string) => Promise<string> } {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  return {
    folder: () => folder,
    async put(name, content) {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
  };
}
