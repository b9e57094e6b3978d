import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { layeredFiles } from '../../definition-layers.ts';
import { suggest } from '../../language/closest.ts';
import type { Sample } from './verify.ts';

const extension = /\.(?:json|http)$/;

/** A folder with samples in `<folder>/<gateway>`, or several: see `layersOf`. */
type Folders = string | readonly string[];

/** The sorted names of a gateway's samples: those of its files without their extensions. */
export async function listSamples(folders: Folders, gateway: string): Promise<string[]> {
  return [...(await samplesOf(folders, gateway)).keys()];
}

/**
 * Reads a webhook as the gateway would send it, not signed yet. The case of `name` does not matter. A `.json` file is the body;
 * a `.http` file is a request: `POST ?query`, headers, an empty line, and the body. Throws KAIT_SAMPLE_UNKNOWN with the nearest
 * name, or all of them. Names are only compared with those of files, so none can lead out of the folder.
 */
export async function findSample(folders: Folders, gateway: string, name: string): Promise<Sample> {
  const files = await samplesOf(folders, gateway);
  const found = [...files].find(([known]) => known.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw await unknownSample(folders, gateway, name, [...files.keys()]);
  const [, [file = '']] = found;
  const text = await readFile(file, 'utf8');
  if (file.endsWith('.http')) return parseHttp(text);
  return { headers: { 'content-type': 'application/json' }, body: text, url: '' };
}

/** Empty for a gateway without a folder. Its name is compared with those of folders first, so that none can lead out of them. */
async function samplesOf(folders: Folders, gateway: string): Promise<Map<string, string[]>> {
  if (!(await gatewaysIn(folders)).includes(gateway)) return new Map();
  return layeredFiles(
    [folders].flat().map((folder) => join(folder, gateway)),
    (entry) => (extension.test(entry) ? entry.replace(extension, '') : null),
  );
}

async function gatewaysIn(folders: Folders): Promise<string[]> {
  return [...(await layeredFiles([folders].flat(), (entry) => entry)).keys()];
}

/** The line break at the end of the file is not part of the body. */
function parseHttp(text: string): Sample {
  const [head = '', ...rest] = text.split('\n\n');
  const [first = '', ...lines] = head.trimEnd().split('\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    headers: Object.fromEntries(headers),
    body: rest.join('\n\n').replace(/\n$/, ''),
    url: first.replace(/^POST\s*/, ''),
  };
}

async function unknownSample(folders: Folders, gateway: string, name: string, names: string[]): Promise<KaitError> {
  if (names.length === 0) {
    const gateways = await gatewaysIn(folders);
    return new KaitError('KAIT_SAMPLE_UNKNOWN', `No samples of "${gateway}". ${hintFor(gateway, gateways)}`);
  }
  return new KaitError('KAIT_SAMPLE_UNKNOWN', `No sample "${name}" of ${gateway}. ${hintFor(name, names)}`);
}

function hintFor(word: string, names: string[]): string {
  return suggest(word, names, `Known are ${names.join(', ')}.`);
}
