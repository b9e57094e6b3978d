import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Definition } from '../../language/definition.ts';

const retry = { attempts: 20, first: '1s', factor: 2, max: '5m' } as const;

/** Three requests in a row, each with what the one before answered. `url` is that of {@link startAnswering}. */
export function threeRequests(url: string): Definition {
  return {
    name: 'three-requests',
    on: { event: 'payment.succeeded' },
    defaults: { timeout: '30s', retry },
    steps: [
      request('reserve', `${url}/reserve`, '{{event.payment.id}}'),
      request('charge', `${url}/charge`, '{{steps.reserve.body.id}}'),
      request('ship', `${url}/ship`, '{{steps.charge.body.id}}'),
    ],
    output: { shipment: '{{steps.ship.body.id}}' },
  };
}

function request(id: string, url: string, reference: string): Definition['steps'][number] {
  return {
    id,
    call: 'http.request',
    with: { method: 'POST', url, body: { reference, amount: '{{event.payment.amount}}' } },
  };
}

/** A service that answers every request at once. It runs in the measuring process, whose cost is not counted. */
export async function startAnswering(): Promise<{ url: string; stop: () => Promise<void> }> {
  let number = 0;
  const server = createServer((asked, answer) => {
    asked.resume().once('end', () => {
      number += 1;
      answer.setHeader('content-type', 'application/json').end(JSON.stringify({ id: `id_${number}`, done: true }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
