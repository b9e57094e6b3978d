import autocannon from 'autocannon';
import { runChildProgram } from '../child-program.ts';
import { quantile } from '../statistics.ts';
import { createStripeWebhooks } from '../stripe-webhooks.ts';

/** One burst of webhooks, each sent exactly once, as fast as `connections` connections take the answers. */
export interface Load {
  url: string;
  connections: number;
  requests: number;
  /** Makes the event ids of this load unlike those of all others. */
  prefix: string;
}

export interface LoadResult {
  accepted: number;
  elapsedMs: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 2xx, and requests without one. */
  failed: number;
}

await runChildProgram(() =>
  Promise.resolve({ ready: null, answer: (load: Load) => sendAll(load), stop: () => Promise.resolve() }),
);

/** All requests are signed and laid out as bytes before the first one leaves. */
function sendAll({ url, connections, requests, prefix }: Load): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let failed = 0;
  let startedAt = 0;
  let endedAt = 0;
  const options: autocannon.Options = {
    url: `${url}/in/stripe`,
    method: 'POST',
    connections,
    amount: requests,
    timeout: 20,
    setupClient: dealWebhooks(prefix, requests, connections),
  };
  return new Promise((resolve, reject) => {
    const load = autocannon(options, (error: Error | null, { errors }) => {
      if (error) {
        reject(error);
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

/** Gives each connection its share as autocannon spreads the amount: the remainder goes to the first ones. */
function dealWebhooks(prefix: string, requests: number, connections: number): (client: autocannon.Client) => void {
  const webhookAt = createStripeWebhooks('payment_intent.payment_failed', prefix);
  const nowMs = Date.now();
  let made = 0;
  let connection = 0;
  return (client) => {
    const share = Math.floor(requests / connections) + (connection++ < requests % connections ? 1 : 0);
    client.setRequests(
      Array.from({ length: share }, () => {
        const { headers, body } = webhookAt(made++, nowMs);
        return { method: 'POST', headers, body };
      }),
    );
  };
}
