import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import { loadPresets, type Presets } from '../../server/gateway/presets.ts';
import { sourcePath, readSources } from '../../server/gateway/sources.ts';
import type { SourceEntry } from '../../server/gateway/source-schema.ts';
import { variablesOf, type DescribedSource } from './setup-text.ts';

/** What the sources' file says, whether or not a Kait runs and whether or not the secrets are set. */
export interface SourcesFile {
  file: string;
  text: string;
  presets: Presets;
  entries: Map<string, SourceEntry>;
}

export async function readSourcesFile(definitions: string): Promise<SourcesFile> {
  const presets = await loadPresets(join(definitions, 'gateways'));
  const file = join(definitions, 'sources.json');
  const text = await readFile(file, 'utf8');
  return { file, text, presets, entries: readSources({ presets, sourcesText: text, file }) };
}

/** One of the file's sources. Throws KAIT_SOURCE_UNKNOWN, with the nearest name. */
export function describeSource(
  { presets, entries }: Pick<SourcesFile, 'presets' | 'entries'>,
  name: string,
  deps: { publicUrl: string; lookupSecret: (variable: string) => string | undefined },
): DescribedSource {
  const entry = entries.get(name);
  const preset = entry && presets.get(entry.gateway)?.declared;
  if (entry === undefined || preset === undefined) throw unknownSource(name, [...entries.keys()]);
  const isMissing = (variable: string) => (deps.lookupSecret(variable) ?? '') === '';
  return {
    name,
    entry,
    preset,
    url: urlOf(name, entry, deps.publicUrl),
    missing: variablesOf(entry).filter(isMissing),
  };
}

/** The secret part of a URL is shown by the name of its variable. */
function urlOf(name: string, { publicUrl, pathSecret }: SourceEntry, base: string): string {
  if (publicUrl !== undefined) return publicUrl;
  return `${base}${sourcePath(name, pathSecret === undefined ? undefined : `<${pathSecret}>`)}`;
}

function unknownSource(name: string, names: string[]): KaitError {
  const hint = suggest(name, names, `There are ${names.join(', ')}.`);
  return new KaitError('KAIT_SOURCE_UNKNOWN', `There is no source "${name}". ${hint}`);
}
