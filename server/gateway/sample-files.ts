import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import type { Sample } from './verify.ts';

const extension = /\.(?:json|http)$/;

/** The sorted names of a gateway's samples: the files of `<folder>/<gateway>` without their extensions. */
export async function listSamples(folder: string, gateway: string): Promise<string[]> {
  return (await listFiles(folder, gateway)).map((file) => file.replace(extension, ''));
}

/**
 * Reads a webhook as the gateway would send it, not signed yet. The case of `name` does not matter. A `.json` file is the body;
 * a `.http` file is a request: `POST ?query`, headers, an empty line, and the body. Throws KAIT_SAMPLE_UNKNOWN with the nearest
 * name, or all of them. Names are only compared with those of files, so none can lead out of the folder.
 */
export async function findSample(folder: string, gateway: string, name: string): Promise<Sample> {
  const files = await listFiles(folder, gateway);
  const found = files.find((file) => file.replace(extension, '').toLowerCase() === name.toLowerCase());
  if (found === undefined) throw await unknownSample(folder, gateway, name, files);
  const text = await readFile(join(folder, gateway, found), 'utf8');
  if (found.endsWith('.http')) return parseHttp(text);
  return { headers: { 'content-type': 'application/json' }, body: text, url: '' };
}

async function listFiles(folder: string, gateway: string): Promise<string[]> {
  const gateways = await readdir(folder);
  if (!gateways.includes(gateway)) return [];
  return (await readdir(join(folder, gateway))).filter((file) => extension.test(file)).sort();
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

async function unknownSample(folder: string, gateway: string, name: string, files: string[]): Promise<KaitError> {
  const names = files.map((file) => file.replace(extension, ''));
  if (names.length === 0) {
    const gateways = (await readdir(folder)).sort();
    return new KaitError('KAIT_SAMPLE_UNKNOWN', `No samples of "${gateway}". ${hintFor(gateway, gateways)}`);
  }
  return new KaitError('KAIT_SAMPLE_UNKNOWN', `No sample "${name}" of ${gateway}. ${hintFor(name, names)}`);
}

function hintFor(word: string, names: string[]): string {
  return suggest(word, names, `Known are ${names.join(', ')}.`);
}
