import { parseAllowedNetworks } from '../../activities/outbound/address-guard.ts';
import { createGuardedAgent, resolveBySystem } from '../../activities/outbound/guarded-agent.ts';
import type { Config } from '../../config.ts';
import { createKeyFetcher } from '../../server/gateway/fetch-key.ts';

/** Fetches keys for verifying, over the guarded client, since requests name the addresses. */
export function openKeyFetcher(config: Pick<Config, 'outbound'>) {
  const dispatcher = createGuardedAgent({
    allow: parseAllowedNetworks(config.outbound.allow),
    resolve: resolveBySystem,
  });
  return { fetchKey: createKeyFetcher({ dispatcher, now: () => Date.now() }), close: () => dispatcher.close() };
}
