import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import type { GatewayClient } from '../../activities/gateway/gateway-client.ts';
import { sendRequest } from '../../http/send-request.ts';
import { lookupSecret, refreshEnvFile, type Config } from '../../config.ts';
import { layersOf } from '../../definition-layers.ts';
import { keepLastGood } from './last-good-secrets.ts';
import { missingKeyWarning, mountAskSources, type AskSource } from '../../server/gateway/ask/ask-source.ts';
import { createGatewayClient } from '../../server/gateway/ask/create-gateway-client.ts';
import { withVariables } from '../../server/gateway/from-environment.ts';
import { readAvailable } from '../../server/gateway/available-sources.ts';
import { readData } from '../../server/gateway/read-events.ts';
import { ownSource } from '../../language/triggers.ts';
import { readOwnData } from '../../server/own-events/own-body.ts';
import { createInbox } from '../../server/inbox.ts';
import type { ReadData } from '../../server/read-claimed.ts';
import { readWhatCanBe, sourcesFile, type SourcesText } from './mount-gateways.ts';
import { createSourceRefresh } from '../../server/source-registry.ts';
import type { Database } from '../../storage/database.ts';

export interface OpenGatewayClient {
  client: GatewayClient;
  /** See `readData`. Throws if the gateway has no preset, or one with a mistake. */
  readData: ReadData;
  /** Whether the source's gateway must be asked before an event of it counts. A source that is not known must be. */
  confirms(source: string): boolean;
  /** Starts following changes of the sources file. */
  start(): void;
  /** Reads presets, sources and keys again now. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens the worker's client for asking gateways. It needs only the sources' API keys, not the secrets that webhooks are signed with.
 * Follows changes of the sources file once started. Leaves out sources with mistakes. A missing key is a warning in the log.
 */
export async function openGatewayClient(deps: {
  config: Pick<Config, 'definitions'>;
  database: Database;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  userAgent: string;
  log: Logger;
  /** Default: the file in the definitions folder. */
  sources?: SourcesText | undefined;
}): Promise<OpenGatewayClient> {
  const { config, database, dispatcher, userAgent, log, sources = sourcesFile(config) } = deps;
  let { presets, faulty } = await readWhatCanBe(layersOf(config.definitions, 'gateways'));
  const environment = { lookup: lookupSecret, isComplete: true };
  const secretOf = keepLastGood(lookupSecret, log);
  let mounted = { text: '', sources: new Map<string, AskSource>() };
  const remount = async () => {
    const sourcesText = await sources.read();
    const text = withVariables(sourcesText, environment.lookup);
    if (text === mounted.text) return false;
    const given = { presets, faultyPresets: faulty, sourcesText, file: sources.file, environment };
    const { entries } = readAvailable(given); // The receiver says what is wrong with the others.
    mounted = { text, sources: mountAskSources({ entries, presets, lookupSecret: secretOf }) };
    for (const [name, entry] of entries) {
      const preset = presets.get(entry.gateway)?.declared;
      const warning = preset && missingKeyWarning(name, entry, preset, secretOf);
      if (warning) log.warn({ source: name }, warning);
    }
    return true;
  };
  await remount().catch((error: unknown) => log.error({ err: error }, 'sources not loaded, will retry'));
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const refresh = createSourceRefresh({
    reload: () => {
      refreshEnvFile();
      return remount();
    },
    usedBy: 'worker',
    log,
  });
  return {
    client: createGatewayClient({
      database,
      sources: { get: (name) => mounted.sources.get(name) },
      send: (request) => sendRequest(dispatcher, request),
      store: (entry) => inbox.store(entry),
      nowMs: () => Date.now(),
      userAgent,
    }),
    readData(gateway, body, contentType) {
      if (gateway === ownSource) return readOwnData(body);
      const preset = presets.get(gateway);
      if (preset === undefined) throw new Error(`There is no preset for ${gateway}`);
      return readData(preset, body, contentType);
    },
    confirms: (source) => mounted.sources.get(source)?.confirm !== false,
    start: () => refresh.start(),
    async reload() {
      ({ presets, faulty } = await readWhatCanBe(layersOf(config.definitions, 'gateways')));
      refreshEnvFile();
      mounted = { ...mounted, text: '' };
      await remount();
    },
    stop: () => refresh.stop(),
  };
}
