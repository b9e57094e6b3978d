import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEventStream } from '../../../server/api/event-stream.ts';

let app: FastifyInstance;
let socket: Socket;
/** What each event was answered: whether the stream goes on. */
let sent: boolean[];
const stopping = new AbortController();

beforeEach(async () => {
  sent = [];
  app = fastify();
  app.decorateRequest('isStillAllowed', () => Promise.resolve(true));
  app.get('/stream', async (request, reply) => {
    const stream = openEventStream(request, reply, stopping.signal, 300);
    const data = 'x'.repeat(1_000_000);
    do sent.push(await stream.send({ id: String(sent.length), event: 'e', data }));
    while (sent.at(-1) === true && sent.length < 60);
    return reply;
  });
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET /stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
});
afterEach(async () => {
  socket.destroy();
  await app.close();
});

it('cuts off a reader that takes nothing, and holds no more than the system does for it', async () => {
  socket.pause();
  await expect.poll(() => sent.at(-1)).toBe(false);
  expect(sent.length).toBeLessThan(30);
});

it('sends everything to a reader that reads', async () => {
  let bytes = 0;
  socket.on('data', (part) => void (bytes += part.length));
  await expect.poll(() => bytes).toBeGreaterThan(60_000_000);
  expect(sent).toEqual(Array.from({ length: 60 }, () => true));
});

it('ends when the reader leaves', async () => {
  socket.pause();
  await once(socket, 'readable');
  socket.destroy();
  await expect.poll(() => sent.at(-1)).toBe(false);
});
