import { once } from 'node:events';
import { createServer, request as ask, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between the browser and Kait, so that streams of changes can be counted and cut. */
export async function startProxy(target: string) {
  /** The streams that are open. */
  const streams = new Set<ServerResponse>();
  /** What each request for a stream named as the last event. */
  const resumedAfter: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const isStream = request.url === '/api/v1/changes';
    if (isStream) {
      resumedAfter.push(request.headers['last-event-id'] as string | undefined); // Given once, it is a text.
      streams.add(response);
    }
    const { method, headers, url } = request;
    const forwarded = ask(new URL(url ?? '/', target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => {
      streams.delete(response);
      forwarded.destroy();
    });
    request.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    openStreams: () => streams.size,
    resumedAfter,
    cut: () => {
      for (const response of streams) response.socket?.destroy();
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
