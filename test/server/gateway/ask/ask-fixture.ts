import type { GatewayClient } from '../../../../activities/gateway/gateway-client.ts';
import { parseNetworks } from '../../../../http/networks.ts';
import { createGuardedAgent } from '../../../../http/guarded-agent.ts';
import { resolveBySystem } from '../../../../http/resolve.ts';
import { sendRequest } from '../../../../http/send-request.ts';
import { mountAskSources } from '../../../../server/gateway/ask/ask-source.ts';
import { createGatewayClient } from '../../../../server/gateway/ask/create-gateway-client.ts';
import { readWebhook } from '../../../../server/gateway/ask/read-webhook.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import type { Presets } from '../../../../server/gateway/presets.ts';
import { readSources } from '../../../../server/gateway/sources.ts';
import { createInbox } from '../../../../server/inbox.ts';
import type { Database } from '../../../../storage/database.ts';

/** The time of all events. */
export const askedAtMs = Date.parse('2026-01-01T01:00:00Z');

export interface AskFixture {
  client: GatewayClient;
  /** Stores a webhook's events as the receiver does, and returns their ids. */
  receive: (source: string, body: string, contentType?: string, headers?: Record<string, string>) => Promise<string[]>;
  /** Sets the value of a variable. */
  setKey: (name: string, value: string) => void;
  close: () => Promise<void>;
}

/** A gateway client with a real database and the guarded agent. All gateways of its sources are at `apiUrl`. */
export function openAskFixture({
  database,
  presets,
  sources,
  apiUrl,
  allow = ['127.0.0.0/8'],
  nowMs = () => askedAtMs,
}: {
  database: Database;
  presets: Presets;
  sources: Record<string, object>;
  apiUrl: string;
  allow?: string[];
  nowMs?: () => number;
}): AskFixture {
  const keys = new Map([['API_KEY', 'the-api-key']]);
  const lookupSecret = (name: string) => keys.get(name);
  const located = Object.entries(sources).map(([name, source]) => [name, { apiUrl, apiKey: 'API_KEY', ...source }]);
  const entries = readSources({
    presets,
    sourcesText: JSON.stringify(Object.fromEntries(located)),
    file: 'sources.json',
  });
  const mounted = mountAskSources({ entries, presets, lookupSecret });
  const dispatcher = createGuardedAgent({ allow: parseNetworks(allow), resolve: resolveBySystem });
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  return {
    client: createGatewayClient({
      database,
      sources: mounted,
      send: (request) => sendRequest(dispatcher, request),
      store: (entry) => inbox.store(entry),
      nowMs,
      userAgent: 'Kait/test',
    }),
    async receive(name, body, contentType = 'application/json', others = {}) {
      const source = mounted.get(name);
      if (source === undefined) throw new Error(`There is no source ${name}`);
      const headers = { 'content-type': contentType, ...others };
      const request = { method: 'POST', url: '/', headers, body: Buffer.from(body) };
      const view = createRequestView(request, source.preset.body, source.settings);
      const read = readWebhook({ ...source, completes: true }, view, new Date(askedAtMs));
      const stored = { bytes: request.body, contentType, headers: null };
      const kept = { state: 'pending', lastError: null, holdMs: 0, endsHold: false, body: stored } as const;
      await inbox.storeAll(read.map(({ event, item }) => ({ ...kept, event, item })));
      return read.map(({ event }) => event.id);
    },
    setKey: (name, value) => void keys.set(name, value),
    close: () => dispatcher.close(),
  };
}
