import type { GatewayClient } from '../../../activities/gateway/gateway-client.ts';
import type { AskDeps } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import { confirmStored } from './confirm-stored.ts';
import { followNotice } from './follow-notice.ts';
import { reconcileSource } from './reconcile-source.ts';
import type { StoreMissingDeps } from './store-missing.ts';
import { createTokenCache } from './token-cache.ts';

export interface GatewayClientDeps extends AskDeps, StoreMissingDeps {
  /** They may be others for the next question, since the file changes. */
  sources: { get: (name: string) => AskSource | undefined };
}

/** Asks the gateways of these sources. */
export function createGatewayClient(given: Omit<GatewayClientDeps, 'tokens'>): GatewayClient {
  const deps = { ...given, tokens: createTokenCache() };
  return {
    confirm: (asked) => confirmStored(deps, asked),
    fetch: (asked) => followNotice(deps, asked),
    reconcile: (asked) => reconcileSource(deps, asked),
  };
}
