import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/**
 * A warehouse that reserves goods for orders, but has none for those whose number has STUCK in it until it is told that they have arrived. Its
 * order system takes webhooks at `/orders`. Its courier goes everywhere but nowhere.
 */
export async function startShop(): Promise<{ url: string; stop: () => Promise<void> }> {
  let hasArrived = false;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/arrived') {
        hasArrived = true;
        response.writeHead(204).end();
        return;
      }
      if (request.url === '/orders') {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}');
        request.resume();
        return;
      }
      const { order = '', to = '' } = (await json(request).catch(() => ({}))) as { order?: string; to?: string };
      if (request.url === '/courier' || request.url === '/refunds') {
        const answer = request.url === '/courier' ? { courier: to } : { refunded: order };
        response.writeHead(to === 'nowhere' ? 422 : 201, { 'content-type': 'application/json' });
        response.end(JSON.stringify(to === 'nowhere' ? { problem: 'no such place' } : answer));
        return;
      }
      const isThere = hasArrived || !order.includes('STUCK');
      response.writeHead(isThere ? 201 : 422, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isThere ? { reservation: `for ${order}` } : { problem: 'out of stock' }));
    })();
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
