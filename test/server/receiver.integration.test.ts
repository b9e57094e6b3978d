import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { mountGateways, type MountedGateways } from '../../cli/compose/mount-gateways.ts';
import { addHealthRoutes } from '../../server/health.ts';
import { createInbox } from '../../server/inbox.ts';
import { createMetrics } from '../../server/metrics.ts';
import { createReceiver } from '../../server/receiver.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { signRequest, type Sample } from '../../server/gateway/sign-request.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { events } from '../../storage/schema.ts';

const definitions = fileURLToPath(new URL('../../definitions', import.meta.url));
const secret = 'whsec_of_the_tests';
const now = Date.parse('2026-01-01T00:00:10Z');

let database: Database;
let gateways: MountedGateways;
let receiver: FastifyInstance;
let url: string;
let failStore: Error | null;

beforeAll(async () => {
  database = await openTestDatabase();
  gateways = await mountGateways({ definitions }, () => secret);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.orm.delete(events);
  failStore = null;
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  receiver = createReceiver({
    sources: gateways.sources,
    inbox: { store: (entry) => (failStore === null ? inbox.store(entry) : Promise.reject(failStore)) },
    isWanted: ({ type }) => type === 'payment.succeeded',
    metrics: createMetrics(() => Promise.resolve(0)),
    log: pino({ level: 'silent' }),
    now: () => now,
    requestTimeoutMs: 500,
  });
  addHealthRoutes(receiver, {
    database: { ...database, ping: (ms) => (failStore === null ? database.ping(ms) : Promise.reject(failStore)) },
    pingTemporal: () => Promise.reject(new Error('connection refused')),
    backlogSize: () => Promise.resolve(7),
  });
  url = await receiver.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => receiver.close());

async function stripeSample(changes: Partial<Sample> = {}) {
  const sample = await findSample(join(definitions, 'gateways/samples'), 'stripe', 'payment_intent.succeeded');
  return { ...sample, ...changes };
}

/** A Stripe request signed as it should be, with what the test changes before the signature. */
async function signed(changes: Partial<Sample> = {}, atMs = now) {
  return signRequest(gateways.presets.get('stripe')!, await stripeSample(changes), secret, atMs);
}

async function post(path: string, request: { headers: Record<string, string>; body: Buffer | string }) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: request.headers,
    body: new Uint8Array(Buffer.from(request.body)),
  });
  const text = await response.text();
  const error = text.startsWith('{') ? (JSON.parse(text) as { error: { code: string } }).error.code : null;
  return { status: response.status, error, retryAfter: response.headers.get('retry-after') };
}

const stored = () => database.orm.select().from(events);

it('stores a genuine webhook and answers as the gateway wants', async () => {
  expect(await post('/in/stripe', await signed())).toMatchObject({ status: 200, error: null });
  expect(await stored()).toMatchObject([
    { source: 'stripe', eventId: 'evt_3Rk9ToKoKopi0001AbCdEfGh', type: 'payment.succeeded', state: 'pending' },
  ]);
});

it('stores an event that no definition is for as ignored, with nothing to dispatch', async () => {
  const body = JSON.stringify({ id: 'evt_other', type: 'charge.updated', data: { object: { id: 'ch_1' } } });
  expect(await post('/in/stripe', await signed({ body }))).toMatchObject({ status: 200 });
  expect(await stored()).toMatchObject([{ eventId: 'evt_other', state: 'ignored' }]);
});

it('answers five copies at once alike and stores one', async () => {
  const request = await signed();
  const answers = await Promise.all(Array.from({ length: 5 }, () => post('/in/stripe', request)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await stored()).toMatchObject([{ duplicates: 4 }]);
});

it('refuses a body over the limit with 413', async () => {
  const request = await signed({ body: JSON.stringify({ id: 'evt_1', pad: 'x'.repeat(1024 * 1024) }) });
  expect(await post('/in/stripe', request)).toMatchObject({ status: 413, error: 'body-too-large' });
  expect(await stored()).toEqual([]);
});

it('refuses a content type that no preset reads with 415', async () => {
  const request = await signed();
  const headers = { ...request.headers, 'content-type': 'multipart/form-data; boundary=x' };
  expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 415, error: 'content-type' });
});

it('refuses a compressed body with 415, since what is signed are the bytes before', async () => {
  const request = await signed();
  const headers = { ...request.headers, 'content-encoding': 'gzip' };
  expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 415, error: 'content-encoding' });
});

it('takes JSON whatever its content type is called', async () => {
  for (const type of ['text/plain', 'application/vnd.gateway+json', 'application/json; charset=utf-8']) {
    const request = await signed();
    const headers = { ...request.headers, 'content-type': type };
    expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 200 });
  }
});

it('answers 404 to an unknown source, be it called constructor or __proto__', async () => {
  const request = await signed();
  for (const name of ['paypal', 'constructor', '__proto__', 'toString']) {
    expect(await post(`/in/${name}`, request)).toMatchObject({ status: 404, error: 'unknown-source' });
  }
  expect(await post('/elsewhere', request)).toMatchObject({ status: 404, error: 'not-found' });
});

it.each([
  ['no signature', (headers: Record<string, string>) => ({ 'content-type': headers['content-type']! })],
  ['a garbled signature', (headers: Record<string, string>) => ({ ...headers, 'stripe-signature': 't=,v1==;;\u00ff' })],
  [
    'the signature of another secret',
    (headers: Record<string, string>) => ({ ...headers, 'stripe-signature': `t=${now / 1000},v1=${'0'.repeat(64)}` }),
  ],
])('refuses %s with 401 and stores nothing', async (_what, change) => {
  const { headers, body } = await signed();
  expect(await post('/in/stripe', { headers: change(headers), body })).toMatchObject({ status: 401 });
  expect(await stored()).toEqual([]);
});

it('refuses a changed body and a stale timestamp with 401', async () => {
  const request = await signed();
  const changed = request.body.toString().replace('2500000', '2500001');
  expect(await post('/in/stripe', { ...request, body: changed })).toMatchObject({
    status: 401,
    error: 'wrong-signature',
  });
  const stale = await signed({}, now - 301_000);
  expect(await post('/in/stripe', stale)).toMatchObject({ status: 401, error: 'stale-timestamp' });
  expect(await stored()).toEqual([]);
});

it('refuses an empty body that nobody has signed, and keeps one that is genuine', async () => {
  expect(await post('/in/stripe', { headers: {}, body: '' })).toMatchObject({ status: 401 });
  expect(await post('/in/stripe', await signed({ body: '' }))).toMatchObject({ status: 200 });
  expect(await stored()).toMatchObject([{ state: 'unreadable', lastError: 'not-json' }]);
});

it.each([
  ['is not JSON', '{"id": "evt_1",', 'not-json'],
  ['is JSON of another shape', '[1, 2, 3]', 'no-type'],
  ['is nested deeper than anybody needs', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'nested-too-deeply'],
])('keeps and acknowledges a genuine body that %s', async (_what, body, reason) => {
  expect(await post('/in/stripe', await signed({ body }))).toMatchObject({ status: 200 });
  expect(await stored()).toMatchObject([{ state: 'unreadable', lastError: reason }]);
  expect(Buffer.from((await stored())[0]!.body!).toString()).toBe(body);
});

it('stores an event whose id holds what PostgreSQL cannot, under a hash', async () => {
  const body = JSON.stringify({ id: 'evt_\0\ud800', type: 'charge.updated', data: { object: { id: 'nul\0' } } });
  expect(await post('/in/stripe', await signed({ body }))).toMatchObject({ status: 200 });
  const [row] = await stored();
  expect(row).toMatchObject({ state: 'ignored' });
  expect(row!.eventId).toMatch(/^sha256:[0-9a-f]{64}$/);
});

it('answers 503 with Retry-After while the database is away, and so does /readyz', async () => {
  failStore = new Error('connection terminated');
  expect(await post('/in/stripe', await signed())).toMatchObject({ status: 503, error: 'not-stored', retryAfter: '5' });
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ status: 'unavailable', database: 'unreachable' });
});

it('stays ready while only Temporal is away, and says so', async () => {
  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toEqual({
    status: 'degraded',
    database: 'reachable',
    temporal: 'unreachable',
    backlog: 7,
  });
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
});

it('lets go of a client that does not send what it promised', async () => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write('POST /in/stripe HTTP/1.1\r\nhost: kait\r\ncontent-length: 1000\r\n\r\n{"id"');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  expect(Buffer.concat(chunks).toString()).toContain('408');
  expect(await stored()).toEqual([]);
}, 20_000);
