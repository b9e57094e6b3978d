import { parseNetworks } from '../../http/networks.ts';
import { createGuardedAgent, resolveBySystem } from '../../http/guarded-agent.ts';
import type { Config } from '../../config.ts';
import { createKeyFetcher } from '../../server/gateway/fetch-key.ts';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../language/json.ts';
import type { Credentials } from '../../server/gateway/schemes/scheme.ts';
import { loadPresets, type Presets } from '../../server/gateway/presets.ts';
import { readData } from '../../server/gateway/read-events.ts';
import { mountSources, type MountDeps, type Source } from '../../server/gateway/sources.ts';
import { createSourceRegistry, type SourceRegistry } from '../../server/source-registry.ts';

export interface MountedGateways {
  presets: Presets;
  sources: SourceRegistry;
  /** See `readData`. Throws if the gateway has no preset any more. */
  readData(gateway: string, body: Buffer, contentType: string): (item: number) => Json;
  /**
   * Reads the sources file and the secrets again; the presets stay. Resolves to whether anything changed. Rejects if something is
   * wrong, and the sources stay as they were.
   */
  remount(): Promise<boolean>;
}

/** Where the sources come from. `file` is named in mistakes. */
export interface SourcesText {
  file: string;
  read: () => Promise<string>;
}

export function sourcesFile({ definitions }: Pick<Config, 'definitions'>): SourcesText {
  const file = join(definitions, 'sources.json');
  return { file, read: () => readFile(file, 'utf8') };
}

/**
 * Loads the presets and mounts the sources. `lookups` return the values of environment variables. Without `fetchKey`, no keys are
 * fetched.
 */
export async function mountGateways(
  config: Pick<Config, 'definitions' | 'receiver'>,
  lookups: Pick<MountDeps, 'lookupSecret' | 'lookupApiKey'>,
  fetchKey?: Credentials['fetchKey'],
  sourcesText: SourcesText = sourcesFile(config),
): Promise<MountedGateways> {
  const presets = await loadPresets(join(config.definitions, 'gateways'));
  const publicUrl = publicUrlOf(config.receiver);
  const mount = async () => {
    const text = await sourcesText.read();
    const { file } = sourcesText;
    const sources = mountSources({ presets, sourcesText: text, file, ...lookups, publicUrl, fetchKey });
    return { sources, fingerprint: fingerprintOf(text, sources) };
  };
  const first = await mount();
  const sources = createSourceRegistry(first.sources);
  let mounted = first.fingerprint;
  return {
    presets,
    sources,
    readData(gateway, body, contentType) {
      const preset = presets.get(gateway);
      if (preset === undefined) throw new Error(`There is no preset for ${gateway}`);
      return readData(preset, body, contentType);
    },
    async remount() {
      const latest = await mount();
      if (latest.fingerprint === mounted) return false;
      sources.replace(latest.sources);
      mounted = latest.fingerprint;
      return true;
    },
  };
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

/** Fetches keys for verification. Uses the guarded client, because requests name the addresses. */
export function openKeyFetcher(config: Pick<Config, 'outbound'>) {
  const dispatcher = createGuardedAgent({
    allow: parseNetworks(config.outbound.allow),
    resolve: resolveBySystem,
  });
  return { fetchKey: createKeyFetcher({ dispatcher, now: () => Date.now() }), close: () => dispatcher.close() };
}
