import type { z } from 'zod';
import { KaitError } from '../../errors.ts';
import { parseDuration } from '../../language/time.ts';
import { completesEvents } from './ask/ask-source.ts';
import type { SourceEnvironment } from './from-environment.ts';
import type { CompiledPreset, Presets } from './presets.ts';
import type { Credentials } from './schemes/scheme.ts';
import { faultOf, type SecretFault } from './secret-faults.ts';
import { formatMistakes, readJsonText } from '../../language/json-file.ts';
import { createSourcesSchema, documentedOf, type SourceEntry } from './source-schema.ts';

export interface Rate {
  perSecond: number;
  burst: number;
}

/** A gateway mounted at a URL, ready to verify the requests that arrive there. */
export interface Source {
  /** The last part of the URL, `/in/<name>`. */
  name: string;
  preset: CompiledPreset;
  credentials: Credentials;
  /** The same as in the credentials; `publicUrl` is how the gateway reaches the source. */
  settings: Readonly<Record<string, string>>;
  /** Paths besides `/in/<name>`. */
  paths: readonly string[];
  /** The URL must end with one of these. Null: the URL needs no secret. */
  pathSecrets: readonly string[] | null;
  /** Networks and addresses. Null: requests may come from anywhere. */
  allowFrom: readonly string[] | null;
  rateLimit: Rate | null;
  addressRateLimit: Rate | null;
  /** How long the bytes of a request are kept. Null: as long as the details of its events. */
  keepBodiesMs: number | null;
  /** How long the details of an event are kept. Null: forever. */
  keepEventsMs: number | null;
  /** Names of the headers that are kept for as long as the bytes, in lower case. */
  keepHeaders: readonly string[];
  /** Which of its secrets look as if they were copied wrongly. */
  secretFaults: readonly SecretFault[];
  /** Whether each run begins by asking the gateway. */
  confirm: boolean;
  /** Whether test events start runs. */
  test: boolean;
  /** Whether answers of the gateway are added to events: see `fetch` in the preset. The worker has the API key, or this process. */
  completes: boolean;
  /** How often the gateway is asked for events that never arrived. Null: never. */
  reconcileEveryMs: number | null;
}

export interface MountDeps {
  presets: Presets;
  sourcesText: string;
  file: string;
  /** The value of an environment variable. */
  lookupSecret: (name: string) => string | undefined;
  /** Like `lookupSecret`, for API keys, which cannot be made up. Default: `lookupSecret`. */
  lookupApiKey?: ((name: string) => string | undefined) | undefined;
  /** The values of the variables that fields such as `environment` name. Default: none is set. */
  environment?: SourceEnvironment;
  /** How gateways reach the receiver, without a slash at the end. */
  publicUrl: string;
  fetchKey?: Credentials['fetchKey'];
}

/**
 * Mounts the sources of a file. Throws KAIT_SOURCES_INVALID with every mistake, and KAIT_SECRET_MISSING with every variable
 * that is unset or empty, because a source without its secret would reject every webhook.
 */
export function mountSources(deps: MountDeps): Map<string, Source> {
  const sources = new Map<string, Source>();
  const missing: string[] = [];
  for (const [name, entry] of readSources(deps)) {
    const mounted = mountSource(name, entry, deps);
    sources.set(name, mounted.source);
    missing.push(...mounted.missing.map((variable) => `${variable} (source "${name}")`));
  }
  if (missing.length > 0) {
    const message = `Set the secrets that ${deps.file} names as environment variables. Missing or empty: ${missing.join(', ')}.`;
    throw new KaitError('KAIT_SECRET_MISSING', message);
  }
  return sources;
}

/** Mounts one source. `missing` are its variables that are unset or empty: without them it would reject every webhook. */
export function mountSource(name: string, entry: SourceEntry, deps: MountDeps): { source: Source; missing: string[] } {
  const missing: string[] = [];
  const faults: SecretFault[] = [];
  const lookup = (variable: string): string => {
    const secret = deps.lookupSecret(variable) ?? '';
    if (secret === '') missing.push(variable);
    const fault = faultOf(variable, secret);
    if (fault !== null) faults.push({ variable, fault });
    return secret;
  };
  return { source: { ...mount(name, entry, deps, lookup), secretFaults: faults }, missing };
}

/** In which no variable is set. */
export const noEnvironment: SourceEnvironment = { lookup: () => undefined, isComplete: true };

/** The checked entries of a file by the sources' names. Throws KAIT_SOURCES_INVALID with every mistake. */
export function readSources(
  deps: Pick<MountDeps, 'presets' | 'sourcesText' | 'file' | 'environment'>,
): Map<string, SourceEntry> {
  const schema = createSourcesSchema(deps.presets, deps.environment ?? noEnvironment);
  const { value, mistakes } = readJsonText(schema, deps.sourcesText, deps.file);
  if (value === null) throw new KaitError('KAIT_SOURCES_INVALID', formatMistakes(mistakes));
  return entriesOf(value, deps.presets);
}

/** Adds what the preset says where an entry says nothing. */
export function entriesOf(
  file: z.output<ReturnType<typeof createSourcesSchema>>,
  presets: Presets,
): Map<string, SourceEntry> {
  return new Map(
    Object.entries(file).flatMap(([name, entry]): [string, SourceEntry][] => {
      if (typeof entry !== 'object') return []; // `$schema` is a text.
      const preset = presets.get(entry.gateway)?.declared;
      const confirm = entry.confirm ?? preset?.confirm?.level === 'required';
      return [[name, { ...entry, confirm, test: entry.test ?? entry.environment === 'sandbox' }]];
    }),
  );
}

/**
 * What a source that does not confirm leaves open although its preset requires it. Null: nothing. The default is to confirm, so
 * somebody decided this.
 */
export function unconfirmedWarning(
  name: string,
  { confirm }: Pick<SourceEntry, 'confirm'>,
  preset: CompiledPreset['declared'],
): string | null {
  if (confirm || preset.confirm?.level !== 'required') return null;
  return `Source "${name}" has "confirm": false, so its runs believe what ${preset.title} did not sign. ${preset.confirm.why}`;
}

function mount(
  name: string,
  entry: SourceEntry,
  deps: MountDeps,
  lookup: (variable: string) => string,
): Omit<Source, 'secretFaults'> {
  const preset = deps.presets.get(entry.gateway);
  if (preset === undefined) throw new Error(`The schema accepted the unknown gateway "${entry.gateway}".`);
  const pathSecret = entry.pathSecret === undefined ? null : lookup(entry.pathSecret);
  const settings = settingsOf(name, entry, deps.publicUrl, pathSecret);
  return {
    name,
    preset,
    settings,
    credentials: {
      secrets: entry.secrets.map(lookup),
      keyring: new Map(Object.entries(entry.keyring).map(([id, variable]) => [id, lookup(variable)])),
      fetchKey: deps.fetchKey,
    },
    paths: entry.paths,
    pathSecrets: pathSecret === null ? null : [pathSecret],
    allowFrom: allowedOf(entry, preset),
    rateLimit: entry.rateLimit ?? null,
    addressRateLimit: entry.addressRateLimit ?? null,
    keepBodiesMs: entry.keepBodies === undefined ? null : parseDuration(entry.keepBodies),
    keepEventsMs: entry.keepEvents === undefined ? null : parseDuration(entry.keepEvents),
    keepHeaders: entry.keepHeaders.map((header) => header.toLowerCase()),
    confirm: entry.confirm,
    test: entry.test,
    completes: completesEvents(name, entry, preset.declared, deps.lookupApiKey ?? deps.lookupSecret),
    reconcileEveryMs: entry.reconcile === undefined ? null : parseDuration(entry.reconcile.every),
  };
}

/** `publicPath` is the path of an address that the source names itself, since a proxy may show the receiver another one. */
function settingsOf(
  name: string,
  { settings, publicUrl, toleranceSeconds }: SourceEntry,
  base: string,
  pathSecret: string | null,
): Record<string, string> {
  return {
    ...settings,
    publicUrl:
      publicUrl ?? `${base}${sourcePath(name, pathSecret === null ? undefined : encodeURIComponent(pathSecret))}`,
    ...(publicUrl === undefined ? {} : { publicPath: new URL(publicUrl).pathname }),
    ...(toleranceSeconds === undefined ? {} : { toleranceSeconds: String(toleranceSeconds) }),
  };
}

/** The path at which the receiver mounts a source. `secret` is the last part of the path, percent-encoded, if there is one. */
export function sourcePath(name: string, secret?: string): string {
  return `/in/${name}${secret === undefined ? '' : `/${secret}`}`;
}

function allowedOf(entry: SourceEntry, { declared: preset }: CompiledPreset): string[] | null {
  if (entry.allowFrom === undefined) return null;
  return entry.allowFrom.flatMap((each) => (each === 'documented' ? documentedOf(entry, preset) : [each]));
}
