import autocannon from 'autocannon';
import { quantile } from '../rounds.ts';

/** A webhook as it goes over the wire. */
export interface Webhook {
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface LoadResult {
  accepted: number;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  /** Requests answered with anything but 2xx, or unanswered. */
  failed: number;
}

/**
 * Sends each webhook exactly once, as fast as the answers arrive on `connections` connections. All requests are laid out as bytes
 * before the first one leaves. Rejects if none is accepted.
 */
export function sendAll(options: { url: string; connections: number; webhooks: Webhook[] }): Promise<LoadResult> {
  const { url, connections, webhooks } = options;
  const latenciesMs: number[] = [];
  let failed = 0;
  let startedAt = 0;
  let endedAt = 0;
  const settings: autocannon.Options = {
    url,
    method: 'POST',
    connections,
    amount: webhooks.length,
    timeout: 20,
    setupClient: deal(webhooks, connections),
  };
  return new Promise((resolve, reject) => {
    const load = autocannon(settings, (error: Error | null, { errors }) => {
      if (error !== null || latenciesMs.length === 0) {
        reject(error ?? new Error(`${url} accepted none of ${webhooks.length} webhooks`));
        return;
      }
      const [p50Ms, p99Ms] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
      resolve({ accepted: latenciesMs.length, elapsedMs: endedAt - startedAt, p50Ms, p99Ms, failed: failed + errors });
    });
    load.on('start', () => {
      startedAt = performance.now();
    });
    load.on('response', (_client, status, _bytes, latencyMs) => {
      if (status >= 200 && status < 300) latenciesMs.push(latencyMs);
      else failed++;
      endedAt = performance.now();
    });
  });
}

/** Gives each connection its share, spread as autocannon spreads the amount: the remainder goes to the first ones. */
function deal(webhooks: Webhook[], connections: number): (client: autocannon.Client) => void {
  let dealt = 0;
  let connection = 0;
  return (client) => {
    const share = Math.floor(webhooks.length / connections) + (connection++ < webhooks.length % connections ? 1 : 0);
    const own = webhooks.slice(dealt, (dealt += share));
    client.setRequests(own.map(({ headers, body }) => ({ method: 'POST', headers, body })));
  };
}
