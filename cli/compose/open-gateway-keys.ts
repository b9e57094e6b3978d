import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { parseNetworks } from '../../http/networks.ts';
import { fetchKeyText } from '../../server/gateway/keys/fetch-key.ts';
import { createKnownKeys } from '../../server/gateway/keys/known-keys.ts';
import { keepStoredKeys } from '../../server/gateway/keys/stored-keys.ts';
import type { FetchKey } from '../../server/gateway/schemes/scheme.ts';
import type { Database } from '../../storage/database.ts';

/** The keys that webhooks name by their addresses. */
export interface GatewayKeys {
  fetchKey: FetchKey;
  /** Reads the stored keys, and stores new ones from then on. Resolves to a function that ends this. */
  storeIn(database: Database): Promise<() => Promise<void>>;
  /** Fetches nothing more. */
  close(): Promise<void>;
}

/** Uses the guarded client, because requests name the addresses. */
export function openGatewayKeys(config: Pick<Config, 'outbound'>, log: Logger): GatewayKeys {
  const dispatcher = createGuardedAgent({
    allow: parseNetworks(config.outbound.allow),
    resolve: resolveBySystem,
    proxy: config.outbound.proxy,
  });
  const keys = createKnownKeys({
    fetch: (address) => fetchKeyText(address, dispatcher),
    now: () => Date.now(),
    random: () => Math.random(),
    log,
  });
  return {
    fetchKey: (address, asker) => keys.keyAt(address, asker),
    async storeIn(database) {
      const stored = keepStoredKeys({ keys, database, log });
      await stored.start();
      return () => stored.stop();
    },
    close() {
      keys.close();
      return dispatcher.close();
    },
  };
}
