import pc from 'picocolors';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import { loadPresets, type CompiledPreset, type Presets } from '../../server/gateway/presets.ts';
import { sourcePath, readSources } from '../../server/gateway/sources.ts';
import type { SourceEntry } from '../../server/gateway/source-schema.ts';

/** A source as it stands in the file, and what is known of its secrets. */
export interface DescribedSource {
  name: string;
  entry: SourceEntry;
  preset: CompiledPreset['declared'];
  /** How the gateway reaches it. */
  url: string;
  /** Variables that are named but not set. */
  missing: string[];
}

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

/** What to do in the gateway's dashboard, and with its secret. Never the secret itself. */
export function setupText({ name, entry, preset, url, missing }: DescribedSource): string {
  const { setup, retries, unsigned } = preset;
  return [
    `${pc.bold(preset.title)}, mounted as "${name}"`,
    '',
    `${pc.dim('Address')}  ${pc.cyan(url)}`,
    `${pc.dim('Where')}    ${setup.where}`,
    ...setup.steps.map((step, index) => `  ${index + 1}. ${step.replaceAll('{url}', url)}`),
    '',
    `${pc.dim('Secret')}   ${setup.secret}`,
    ...variablesOf(entry).map((variable) => `  ${variableLine(variable, missing.includes(variable))}`),
    ...(retries === undefined ? [] : ['', `${pc.dim('Retries')}  ${retries}`]),
    ...unsignedLines(unsigned, entry),
    '',
    `Try it:  ${pc.green(`kait sources test ${name}`)}`,
  ].join('\n');
}

/** Every variable that a source names. */
function variablesOf({ secrets, keyring, pathSecret, apiKey }: SourceEntry): string[] {
  return [...new Set([...secrets, ...Object.values(keyring), pathSecret, apiKey].filter((each) => each !== undefined))];
}

function variableLine(variable: string, isMissing: boolean): string {
  if (!isMissing) return `${pc.green('✔')} ${variable} is set`;
  return `${pc.yellow('!')} ${variable} is not set: put the secret into the environment, into .env, or into a file that ${variable}_FILE names`;
}

function unsignedLines(unsigned: string[], { confirm }: SourceEntry): string[] {
  if (unsigned.length === 0) return [];
  const advice = confirm
    ? 'Each run asks the gateway first (confirm).'
    : 'Let each run ask the gateway first: "confirm": true';
  return ['', `${pc.dim('Not signed')}  ${unsigned.join(', ')}`, `  ${advice}`];
}
