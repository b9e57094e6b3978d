import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, gzip } from 'node:zlib';

/** A file of the built console. */
export interface ConsoleFile {
  bytes: Buffer;
  /** For the header `content-type`. */
  type: string;
  etag: string;
  /** Whether its name has a hash of its content, so that it never changes. */
  isHashed: boolean;
  /** The same content compressed, by the name of the encoding. Empty: there is only the file itself. */
  compressed: ReadonlyMap<Encoding, Buffer>;
}

/** In the order in which they are preferred. */
export const encodings = ['br', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

/** The files of the console by their paths in URLs, such as `/index.html`. Empty: it was not built. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

/** Only these are served. Source maps and whatever else a build leaves are not. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Ends the names of files that the build has compressed. */
const packedSuffix = '.br';

/** The folder of Vite's output whose names have hashes. */
const hashedFolder = '/assets/';

/**
 * Returns what reads the built console: once, when it is first asked for, and again while there is nothing to read, so that a build needs no restart.
 * Paths are looked up among the files that were found, so no path leads out of the folder.
 */
export function createConsoleFiles(folder: string): () => Promise<ConsoleFiles> {
  let reading: Promise<ConsoleFiles> | null = null;
  return async () => {
    reading ??= readFiles(folder);
    const current = reading;
    const files = await current.catch(() => null);
    if ((files === null || files.size === 0) && reading === current) reading = null;
    return files ?? new Map();
  };
}

/** A folder without `index.html` counts as empty: a build that is under way has not written all its files. */
async function readFiles(folder: string): Promise<ConsoleFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const packed = new Set(found.filter((file) => file.endsWith(packedSuffix)));
  const names = new Set(found.map((file) => (packed.has(file) ? file.slice(0, -packedSuffix.length) : file)));
  const served = [...names].filter((file) => Object.hasOwn(types, extname(file)));
  const files = await Promise.all(
    served.map(async (file) => {
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      return [path, await readOne(file, path, packed.has(file + packedSuffix))] as const;
    }),
  );
  const byPath = new Map(files);
  return byPath.has('/index.html') ? byPath : new Map();
}

async function readOne(file: string, path: string, isPacked: boolean): Promise<ConsoleFile> {
  const { bytes, compressed } = isPacked ? await unpacked(await readFile(file + packedSuffix)) : await plain(file);
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  const type = types[extname(file)] ?? 'application/octet-stream';
  return { bytes, type, etag: `"${digest}"`, isHashed: path.startsWith(hashedFolder), compressed };
}

async function plain(file: string): Promise<Pick<ConsoleFile, 'bytes' | 'compressed'>> {
  return { bytes: await readFile(file), compressed: new Map() };
}

async function unpacked(packed: Buffer): Promise<Pick<ConsoleFile, 'bytes' | 'compressed'>> {
  const bytes = await promisify(brotliDecompress)(packed);
  return {
    bytes,
    compressed: new Map([
      ['br', packed],
      ['gzip', await promisify(gzip)(bytes)],
    ]),
  };
}
