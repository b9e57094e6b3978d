import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { closest } from '../../language/closest.ts';
import type { Sample } from './sign-request.ts';

/** The names of a gateway's samples, sorted: the files of `<folder>/<gateway>` without `.json`. Empty where there are none. */
export async function listSamples(folder: string, gateway: string): Promise<string[]> {
  const gateways = await readdir(folder);
  if (!gateways.includes(gateway)) return [];
  const files = await readdir(join(folder, gateway));
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * A webhook as the gateway would send it, not signed yet. Letter case does not count: `xendit invoice.paid`.
 * Throws KAIT_SAMPLE_UNKNOWN with the nearest name, or all of them. Names are only compared, so that none leaves the folder.
 */
export async function findSample(folder: string, gateway: string, name: string): Promise<Sample> {
  const names = await listSamples(folder, gateway);
  const found = names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw await unknownSample(folder, gateway, name, names);
  const body = await readFile(join(folder, gateway, `${found}.json`), 'utf8');
  return { headers: { 'content-type': 'application/json' }, body };
}

async function unknownSample(folder: string, gateway: string, name: string, names: string[]): Promise<KaitError> {
  if (names.length === 0) {
    const gateways = (await readdir(folder)).sort();
    return new KaitError('KAIT_SAMPLE_UNKNOWN', `There are no samples of "${gateway}". ${hintFor(gateway, gateways)}`);
  }
  return new KaitError('KAIT_SAMPLE_UNKNOWN', `There is no sample "${name}" of ${gateway}. ${hintFor(name, names)}`);
}

function hintFor(word: string, names: string[]): string {
  const near = closest(word, names);
  return near === undefined ? `There are ${names.join(', ')}.` : `Did you mean "${near}"?`;
}
