import { errorText } from '../../describe-error.ts';
import { lookupSecret, type Config } from '../../config.ts';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KaitError } from '../../errors.ts';
import type { Json } from '../../language/json.ts';
import type { Credentials } from '../../server/gateway/schemes/scheme.ts';
import { ownSource } from '../../language/triggers.ts';
import { layersOf } from '../../definition-layers.ts';
import { AwaitedError } from '../../server/awaited-events.ts';
import { presetFault, sourceFault, type Fault } from '../../server/faults.ts';
import { mountAvailable, type UnavailableSource } from '../../server/gateway/available-sources.ts';
import { withVariables } from '../../server/gateway/from-environment.ts';
import { loadPresets, readPresets, type FaultyPresets, type Presets } from '../../server/gateway/presets.ts';
import { readData } from '../../server/gateway/read-events.ts';
import { mountSources, type MountDeps, type Source } from '../../server/gateway/sources.ts';
import { readOwnData } from '../../server/own-events/own-body.ts';
import { createSourceRegistry, type SourceRegistry, type Unavailable } from '../../server/source-registry.ts';

export interface MountedGateways {
  presets: Presets;
  sources: SourceRegistry;
  /** See `readData`. Throws if the gateway has no preset any more. */
  readData(gateway: string, body: Buffer, contentType: string): (item: number) => Json;
  /**
   * Reads the sources file and the secrets again, and the presets if that is asked for. Resolves to whether anything may have changed.
   * Rejects if something is wrong, and the sources stay as they were.
   */
  remount(also?: { presets: boolean }): Promise<boolean>;
  /** The mistakes that keep sources from being mounted. */
  faults(): Fault[];
  /** The sources that these keep from being mounted. Empty if nobody knows which there are. */
  unavailable(): readonly UnavailableSource[];
  /** What is to be corrected before stored events of such sources can be dispatched. */
  awaited(): string[];
}

/** Where the sources come from. `file` is named in mistakes. */
export interface SourcesText {
  file: string;
  read: () => Promise<string>;
}

export function sourcesFile({ definitions }: Pick<Config, 'definitions'>): SourcesText {
  const file = join(definitions, 'sources.json');
  const read = async () => {
    if (existsSync(file)) return readFile(file, 'utf8');
    throw new KaitError('KAIT_SOURCES_INVALID', `There is no ${file}. "kait sources add" writes it.`);
  };
  return { file, read };
}

/**
 * Loads the presets and mounts the sources. Throws if there is a mistake, unless `tolerant`: then it mounts what it can. `lookups` return the values of environment variables. Without `fetchKey`, no keys are
 * fetched.
 */
export async function mountGateways(
  config: Pick<Config, 'definitions' | 'receiver'>,
  lookups: Pick<MountDeps, 'lookupSecret' | 'lookupApiKey'>,
  fetchKey?: Credentials['fetchKey'],
  sourcesText: SourcesText = sourcesFile(config),
  { tolerant = false }: { tolerant?: boolean } = {},
): Promise<MountedGateways> {
  const folders = layersOf(config.definitions, 'gateways');
  let { presets, faulty } = tolerant ? await readWhatCanBe(folders) : await strictly(folders);
  const publicUrl = publicUrlOf(config.receiver);
  const environment = { lookup: lookupSecret, isComplete: true };
  const mount = async (accept: boolean): Promise<Mounted> => {
    const text = await sourcesText.read();
    const { file } = sourcesText;
    const given = {
      presets,
      faultyPresets: faulty,
      sourcesText: text,
      file,
      ...lookups,
      environment,
      publicUrl,
      fetchKey,
    };
    const latest = accept ? mountAvailable(given) : { sources: mountSources(given), unavailable: [] };
    return {
      ...latest,
      fingerprint: fingerprintOf(withVariables(text, environment.lookup), latest.sources),
      problem: null,
    };
  };
  let mounted = await mount(tolerant).catch((error: unknown): Mounted => {
    if (!tolerant) throw error;
    return { sources: new Map(), unavailable: 'all', fingerprint: '', problem: reasonOf(error) };
  });
  const sources = createSourceRegistry(mounted.sources, mounted.unavailable);
  return {
    get presets() {
      return presets;
    },
    sources,
    readData(gateway, body, contentType) {
      if (gateway === ownSource) return readOwnData(body);
      const preset = presets.get(gateway);
      if (faulty.has(gateway)) throw new AwaitedError(`gateways/${gateway}.json`);
      if (preset === undefined) throw new Error(`There is no preset for ${gateway}`);
      return readData(preset, body, contentType);
    },
    async remount(also = { presets: false }) {
      if (also.presets) ({ presets, faulty } = await readWhatCanBe(folders));
      const isWhole = mounted.unavailable !== 'all' && mounted.unavailable.length === 0;
      const latest = keepMounted(mounted, await mount(!isWhole));
      if (latest.fingerprint === mounted.fingerprint && !also.presets) return false;
      sources.replace(latest.sources, latest.unavailable);
      mounted = latest;
      return true;
    },
    faults: () => [
      ...[...faulty].map(([name, problem]) => presetFault(name, problem)),
      ...(mounted.unavailable === 'all'
        ? [sourceFault(null, mounted.problem ?? '')]
        : mounted.unavailable.map(({ name, problem }) => sourceFault(name, problem))),
    ],
    unavailable: () => (mounted.unavailable === 'all' ? [] : mounted.unavailable),
    awaited: () => [...[...faulty.keys()].map((name) => `gateways/${name}.json`), ...sources.awaited()],
  };
}

interface Mounted {
  sources: ReadonlyMap<string, Source>;
  unavailable: Unavailable;
  fingerprint: string;
  /** Why the file cannot be read; null if it can. */
  problem: string | null;
}

/** A source that was mounted before stays as it was while a mistake keeps it from being mounted again. */
function keepMounted(before: Mounted, latest: Mounted): Mounted {
  if (latest.unavailable === 'all') return before;
  const kept = latest.unavailable.flatMap(({ name }) => {
    const source = before.sources.get(name);
    return source === undefined ? [] : [[name, source] as const];
  });
  return { ...latest, sources: new Map([...latest.sources, ...kept]) };
}

async function strictly(folders: string[]): Promise<{ presets: Presets; faulty: FaultyPresets }> {
  return { presets: await loadPresets(folders), faulty: new Map() };
}

function reasonOf(error: unknown): string {
  return errorText(error);
}

/** If a folder cannot be read, no source has a preset: one of the package could verify less than the one that is meant to take its place. */
export function readWhatCanBe(folders: string[]): Promise<{ presets: Presets; faulty: FaultyPresets }> {
  return readPresets(folders).catch(() => ({ presets: new Map(), faulty: new Map() }));
}

/** The URL at which gateways reach the receiver, according to the configuration. */
export function publicUrlOf({
  publicUrl,
  host,
  port,
}: Pick<Config['receiver'], 'publicUrl' | 'host' | 'port'>): string {
  return publicUrl?.replace(/\/+$/, '') ?? `http://${host}:${port}`;
}

/** A hash of everything that mounted sources depend on, including secrets. */
function fingerprintOf(text: string, sources: ReadonlyMap<string, Source>): string {
  const secrets = [...sources.values()].map(({ credentials, pathSecrets, completes }) => [
    credentials.secrets,
    [...credentials.keyring],
    pathSecrets,
    completes,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([text, secrets]))
    .digest('hex');
}
