import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Takes outbound webhooks and notes when their bodies were there. */
export interface Arrivals {
  url: string;
  /** Resolves to the Unix ms when the webhook about `reference` arrived; rejects after 30 s. */
  of(reference: string): Promise<number>;
  stop(): Promise<void>;
}

const limitMs = 30_000;

export async function startArrivals(): Promise<Arrivals> {
  const waiting = new Map<string, (arrivedAtMs: number) => void>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const arrivedAtMs = Date.now();
      response.writeHead(204).end();
      const { data } = JSON.parse(body) as { data: { reference: string } };
      waiting.get(data.reference)?.(arrivedAtMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // Of a TCP server that listens.
  return {
    url: `http://127.0.0.1:${port}/`,
    of: (reference) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          reject(new Error(`No outbound webhook about ${reference} within ${limitMs} ms`));
        }, limitMs);
        waiting.set(reference, (arrivedAtMs) => {
          clearTimeout(limit);
          resolve(arrivedAtMs);
        });
      }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
