import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { readEventStream } from '../../../cli/listen/read-event-stream.ts';
import { addApiKey, revokeApiKey } from '../../../server/api/keys/api-keys.ts';
import { idOf } from '../../../server/api/keys/key-secret.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { insertEvent } from '../stored-events.ts';
import { createTestApi } from './api-fixture.ts';

let database: Database;
let servers: FastifyInstance[];
let urls: string[];
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  servers = [1, 2].map(() => createTestApi({ database, runStatus: () => Promise.resolve('Completed') }));
  urls = await Promise.all(servers.map((server) => server.listen({ host: '127.0.0.1', port: 0 })));
});
afterEach(() => Promise.all(servers.map((server) => server.close())));

const at = new Date('2026-01-01T00:00:00Z');
const storeEvent = (eventId: string, source = 'stripe') =>
  insertEvent(database, {
    ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
    ...{ occurredAt: at, receivedAt: at, envelope: { id: 'kept' }, body: Buffer.from('secret body') },
    ...{ eventId, source, state: 'dispatched', attempts: 0, lastError: null },
  });

async function open(server: number, { query = '', headers = {}, token = 'token-of-the-tests' } = {}) {
  const response = await fetch(`${urls[server]!}/api/v1/feed${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const events = response.ok
    ? readEventStream(response.body as unknown as AsyncIterable<Uint8Array>)
    : readEventStream(ReadableStream.from([]));
  const next = async () => {
    const { value, done } = await events.next();
    return done === true ? null : { ...value, data: JSON.parse(value.data) as { event?: string } };
  };
  return { response, next };
}

it('tells of what happens, and goes on after the last event on another server, missing and doubling nothing', async () => {
  const first = await open(0);
  expect(first.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(first.response.headers.get('x-accel-buffering')).toBe('no');
  expect((await first.next())?.event).toBe('alive');
  for (const id of ['a', 'b', 'c']) await storeEvent(id);
  const told = [await first.next(), await first.next()];
  expect(told.map((each) => each?.data.event)).toEqual(['a', 'b']);
  const second = await open(1, { headers: { 'last-event-id': told[1]!.id! } });
  expect((await second.next())?.event).toBe('alive');
  expect((await second.next())?.data.event).toBe('c');
});

it('tells only what was asked for, and the ends of the runs that were named', async () => {
  const stream = await open(0, { query: '?source=xendit&open=kait-test/a/shop/1&open=other/a/shop/1' });
  expect((await stream.next())?.event).toBe('alive');
  expect((await stream.next())?.data).toMatchObject({ kind: 'end', run: 'kait-test/a/shop/1', status: 'Completed' });
  await storeEvent('d');
  await storeEvent('e', 'xendit');
  expect((await stream.next())?.data.event).toBe('e');
});

it.each(['nonsense', 'a.b', `${Buffer.from('[]').toString('base64url')}.AAAAAAAAAAAAAAAAAAAAAA`, 'x'.repeat(9_000)])(
  'refuses the position %.20s',
  async (id) => {
    expect((await open(0, { headers: { 'last-event-id': id } })).response.status).toBe(400);
  },
);

it('ends all streams when the server stops, without waiting for their readers', async () => {
  const streams = await Promise.all([open(0), open(0)]);
  await Promise.all(streams.map(({ next }) => next()));
  const begunAt = performance.now();
  await servers[0]!.close();
  expect(await Promise.all(streams.map(({ next }) => next()))).toEqual([null, null]);
  expect(performance.now() - begunAt).toBeLessThan(4_000);
});

it('lets twenty listen at once, and one more as soon as one has gone', async () => {
  const streams = await Promise.all(Array.from({ length: 20 }, () => open(0)));
  const refused = await open(0);
  expect([refused.response.status, refused.response.headers.get('retry-after')]).toEqual([429, '5']);
  await streams[0]!.response.body?.cancel();
  await expect.poll(async () => (await open(0)).response.status).toBe(200);
});

it('tells a reader nothing more once its key is revoked', async () => {
  const added = await addApiKey(database, { name: 'watcher', scope: 'read', expiresAt: null, actor: 'test' });
  const stream = await open(0, { token: added!.secret });
  expect((await stream.next())?.event).toBe('alive');
  await revokeApiKey(database, { id: idOf(added!.secret)!, actor: 'test' });
  expect(await stream.next()).toBeNull(); // At the next beat.
});

it('has no HEAD, which would begin a stream', async () => {
  const response = await fetch(`${urls[0]!}/api/v1/feed`, {
    method: 'HEAD',
    headers: { authorization: 'Bearer token-of-the-tests' },
  });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
});
