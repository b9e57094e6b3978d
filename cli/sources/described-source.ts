import pc from 'picocolors';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lookupSecret } from '../../config.ts';
import { KaitError } from '../../errors.ts';
import { suggest } from '../../language/closest.ts';
import { layersOf } from '../../definition-layers.ts';
import { loadPresets, type CompiledPreset, type Presets } from '../../server/gateway/presets.ts';
import { apiKeyVariable } from '../../server/gateway/ask/api-key-variable.ts';
import { missingKeyWarning } from '../../server/gateway/ask/ask-source.ts';
import { type FieldReference, fieldReferencesIn } from '../../server/gateway/from-environment.ts';
import { sourcePath, readSources, unconfirmedWarning } from '../../server/gateway/sources.ts';
import { faultOf, type SecretFault } from '../../server/gateway/secret-faults.ts';
import type { SourceEntry } from '../../server/gateway/source-schema.ts';

/** A source from the sources file, and which of its secrets are set. */
export interface DescribedSource {
  name: string;
  entry: SourceEntry;
  preset: CompiledPreset['declared'];
  /** The URL for the gateway's dashboard. */
  url: string;
  /** The variables that the source names but that are not set. */
  missing: string[];
  /** What is wrong with those that are set: cut, unreadable, or copied wrongly. */
  faults: SecretFault[];
  /** The variable with which Kait asks the gateway for what events lack. Null if the preset does not, or the source names it itself. */
  completedWith: { variable: string; isSet: boolean } | null;
  /** The fields that get their values from variables, with the values that count. */
  fromEnvironment: EffectiveField[];
  /** What the source leaves open although its preset requires it, and what waits for an API key. */
  warnings: string[];
}

interface EffectiveField extends FieldReference {
  value: string;
  /** Otherwise the value is the default. */
  isSet: boolean;
}

/** The sources file, parsed. Needs no running Kait, and no secrets. */
export interface SourcesFile {
  file: string;
  text: string;
  presets: Presets;
  entries: Map<string, SourceEntry>;
  /** Which fields of each source get their values from variables. Default: none. */
  references?: ReturnType<typeof fieldReferencesIn>;
}

/** A file that does not exist yet is one without sources. */
export async function readSourcesFile(definitions: string): Promise<SourcesFile> {
  const presets = await loadPresets(layersOf(definitions, 'gateways'));
  const file = join(definitions, 'sources.json');
  const text = existsSync(file) ? await readFile(file, 'utf8') : '{}\n';
  return {
    file,
    text,
    presets,
    entries: readSources({ presets, sourcesText: text, file, environment: { lookup: lookupSecret, isComplete: true } }),
    references: fieldReferencesIn(text),
  };
}

/** Describes one source of the file. Throws KAIT_SOURCE_UNKNOWN, which suggests the nearest name. */
export function describeSource(
  { presets, entries, references }: Pick<SourcesFile, 'presets' | 'entries' | 'references'>,
  name: string,
  deps: { publicUrl: string; lookupSecret: (variable: string) => string | undefined },
): DescribedSource {
  const entry = entries.get(name);
  const preset = entry && presets.get(entry.gateway)?.declared;
  if (entry === undefined || preset === undefined) throw unknownSource(name, [...entries.keys()]);
  const found = variablesOf(entry).map((variable) => ({ variable, ...readVariable(variable, deps.lookupSecret) }));
  const isSet = (variable: string) => readVariable(variable, deps.lookupSecret).secret !== '';
  const apiKey = apiKeyVariable(name, entry, preset);
  const asks = preset.fetch?.into !== undefined && entry.apiKey === undefined;
  return {
    name,
    entry,
    preset,
    completedWith: asks ? { variable: apiKey, isSet: isSet(apiKey) } : null,
    url: urlOf(name, entry, deps.publicUrl),
    fromEnvironment: (references?.get(name) ?? []).map((reference) => ({
      ...reference,
      value: effectiveValue(entry, reference.field),
      isSet: isSet(reference.variable),
    })),
    missing: found.flatMap(({ variable, secret, fault }) => (secret === '' && fault === null ? [variable] : [])),
    faults: found.flatMap(({ variable, fault }) => (fault === null ? [] : [{ variable, fault }])),
    warnings: [
      unconfirmedWarning(name, entry, preset),
      missingKeyWarning(name, entry, preset, (variable) => readVariable(variable, deps.lookupSecret).secret),
    ].filter((warning) => warning !== null),
  };
}

function effectiveValue(entry: SourceEntry, field: string): string {
  const [, setting] = /^settings\.(.+)$/.exec(field) ?? [];
  const value = setting === undefined ? (entry as Record<string, unknown>)[field] : entry.settings[setting];
  return [value].flat().map(String).join(', ');
}

/** `environment is sandbox (MIDTRANS_ENVIRONMENT)`. */
export function effectiveText({ field, value, variable, isSet }: EffectiveField): string {
  return `${field} is ${value} (${isSet ? variable : `the default: ${variable} is not set`})`;
}

function readVariable(variable: string, lookupSecret: (variable: string) => string | undefined) {
  try {
    const secret = lookupSecret(variable) ?? '';
    return { secret, fault: faultOf(variable, secret) };
  } catch (error) {
    if (!(error instanceof KaitError)) throw error;
    return { secret: '', fault: `cannot be used. ${error.message}` };
  }
}

/** Shows the name of the variable in place of a secret in the URL. */
function urlOf(name: string, { publicUrl, pathSecret }: SourceEntry, base: string): string {
  if (publicUrl !== undefined) return publicUrl;
  return `${base}${sourcePath(name, pathSecret === undefined ? undefined : `<${pathSecret}>`)}`;
}

/** The KAIT_SOURCE_UNKNOWN for a name, which suggests the nearest of `names`. */
export function unknownSource(name: string, names: string[]): KaitError {
  const hint = suggest(name, names, `The sources are ${names.join(', ') || 'none'}.`);
  return new KaitError('KAIT_SOURCE_UNKNOWN', `There is no source "${name}". ${hint}`);
}

/** Explains what to do in the gateway's dashboard and where to put its secret. Never contains the secret. */
export function setupText(described: DescribedSource): string {
  const { name, entry, preset, url, missing, faults, warnings } = described;
  const { setup, retries } = preset;
  return [
    `${pc.bold(preset.title)}, mounted as "${name}"`,
    '',
    `${pc.dim('Address')}  ${pc.cyan(url)}`,
    `${pc.dim('Where')}    ${setup.where}`,
    ...setup.steps.map((step, index) => `  ${index + 1}. ${step.replaceAll('{url}', url)}`),
    '',
    `${pc.dim('Secret')}   ${setup.secret}`,
    ...variablesOf(entry)
      .filter((variable) => faults.every((each) => each.variable !== variable))
      .map((variable) => `  ${variableLine(variable, missing.includes(variable))}`),
    ...faults.map(({ variable, fault }) => `  ${pc.yellow('!')} ${variable} ${fault}`),
    ...environmentLines(described),
    ...completedLines(described),
    ...testLines(preset, entry),
    ...(retries === undefined ? [] : ['', `${pc.dim('Retries')}  ${retries}`]),
    ...unsignedLines(preset, entry),
    ...warnings.flatMap((warning) => ['', warningLine(warning)]),
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
  return `${pc.yellow('!')} ${variable} is not set: set it in the environment or in .env, or set ${variable}_FILE to a file that holds the secret`;
}

export function warningLine(warning: string): string {
  return `${pc.yellow('!')} ${warning}`;
}

function completedLines({ completedWith, preset }: DescribedSource): string[] {
  if (completedWith === null) return [];
  const { variable, isSet } = completedWith;
  const line = isSet
    ? `${pc.green('✔')} ${variable} is set, so Kait asks ${preset.title} for what events lack`
    : `– ${variable} is not set, so events stay as they are sent. With it, Kait asks ${preset.title} for what they lack`;
  return ['', pc.dim('API key'), `  ${line}`];
}

function environmentLines({ fromEnvironment }: DescribedSource): string[] {
  if (fromEnvironment.length === 0) return [];
  return ['', pc.dim('From the environment'), ...fromEnvironment.map((field) => `  ${effectiveText(field)}`)];
}

/** Only if the gateway marks its test events. */
function testLines({ event }: CompiledPreset['declared'], { test }: SourceEntry): string[] {
  if (event.live === undefined) return [];
  return [
    '',
    test
      ? `${pc.dim('Test events')}  start runs, as live ones do`
      : `${pc.dim('Test events')}  are stored and ignored; "test": true lets them start runs`,
  ];
}

function unsignedLines({ unsigned, confirm }: CompiledPreset['declared'], entry: SourceEntry): string[] {
  if (unsigned.length === 0) return [];
  const advice = entry.confirm
    ? ['Each run asks the gateway first (confirm).']
    : confirm === undefined
      ? []
      : ['Let each run ask the gateway first: "confirm": true'];
  return ['', `${pc.dim('Not signed')}  ${unsigned.join(', ')}`, ...advice.map((line) => `  ${line}`)];
}
