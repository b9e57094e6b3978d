import { parseNetworks } from '../../http/networks.ts';
import { createGuardedAgent, resolveBySystem } from '../../http/guarded-agent.ts';
import type { Config } from '../../config.ts';
import { createKeyFetcher } from '../../server/gateway/fetch-key.ts';

/** Fetches keys for verifying, over the guarded client, since requests name the addresses. */
export function openKeyFetcher(config: Pick<Config, 'outbound'>) {
  const dispatcher = createGuardedAgent({
    allow: parseNetworks(config.outbound.allow),
    resolve: resolveBySystem,
  });
  return { fetchKey: createKeyFetcher({ dispatcher, now: () => Date.now() }), close: () => dispatcher.close() };
}
