import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

/** Smaller ones gain less than their headers cost. */
const leastBytes = 1_024;
const compressible = new Set(['.html', '.js', '.css', '.svg', '.json']);
/** The last two levels take several times as long for the last percent. */
const quality = 9;

/** Puts `<file>.br` in the place of each file of the built console. The server sends it to browsers that take it, and the others get what is in it. */
export async function compressConsole(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && compressible.has(extname(entry.name)));
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      const bytes = await readFile(file);
      if (bytes.length < leastBytes) return;
      const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
      await rm(file); // The package has each file once.
    }),
  );
}
