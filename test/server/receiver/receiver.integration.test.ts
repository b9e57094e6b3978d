import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { deleteEvents, storedEvents } from '../stored-events.ts';
import { inboxOf, now, openReceiver, signed, type OpenReceiver } from './receiver-fixture.ts';

let database: Database;
let receiver: OpenReceiver;
let url: string;
let failStore: Error | null;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await deleteEvents(database);
  failStore = null;
  const inbox = inboxOf(database);
  receiver = await openReceiver({
    storeAll: (webhook) => (failStore === null ? inbox.storeAll(webhook) : Promise.reject(failStore)),
  });
  ({ url } = receiver);
});
afterEach(() => receiver.app.close());

/** The receiver's own answers are JSON. Those for gateways are not. */
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

const stored = () => storedEvents(database);

it('stores a genuine webhook and acknowledges it', async () => {
  expect(await post('/in/stripe', await signed())).toMatchObject({ status: 200, error: null });
  expect(await stored()).toMatchObject([
    { source: 'stripe', eventId: 'pi_3Rk9ToKoKopi0001ZyXwVuTs:succeeded', type: 'payment.succeeded', state: 'pending' },
  ]);
});

it('stores an event that no definition wants as ignored', async () => {
  const body = JSON.stringify({ id: 'evt_other', type: 'charge.updated', data: { object: { id: 'ch_1' } } });
  expect(await post('/in/stripe', await signed({ body }))).toMatchObject({ status: 200 });
  expect(await stored()).toMatchObject([{ eventId: 'evt_other', state: 'ignored' }]);
});

it('acknowledges five copies at once and stores one', async () => {
  const request = await signed();
  const answers = await Promise.all(Array.from({ length: 5 }, () => post('/in/stripe', request)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await stored()).toMatchObject([{ duplicates: 4 }]);
});

it('rejects a body over the limit with 413', async () => {
  const request = await signed({ body: JSON.stringify({ id: 'evt_1', pad: 'x'.repeat(1024 * 1024) }) });
  expect(await post('/in/stripe', request)).toMatchObject({ status: 413, error: 'body-too-large' });
  expect(await stored()).toEqual([]);
});

it('rejects a content type that no preset reads with 415', async () => {
  const request = await signed();
  const headers = { ...request.headers, 'content-type': 'multipart/form-data; boundary=x' };
  expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 415, error: 'content-type' });
});

it('rejects a compressed body with 415, because gateways sign the uncompressed bytes', async () => {
  const request = await signed();
  const headers = { ...request.headers, 'content-encoding': 'gzip' };
  expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 415, error: 'content-encoding' });
});

it('takes a multipart form if the preset says so, and leaves out its files', async () => {
  const part = (parameters: string, value: string) =>
    `--X\r\nContent-Disposition: form-data; ${parameters}\r\n\r\n${value}\r\n`;
  const fields = part('name="token"', 'whsec_of_the_tests') + part('name="id"', 'f_1') + part('name="type"', 'paid');
  const body = Buffer.from(`${fields}${part('name="slip"; filename="slip.pdf"', '%PDF')}--X--\r\n`);
  const headers = { 'content-type': 'multipart/form-data; boundary=X' };

  expect(await post('/in/forms', { headers, body })).toMatchObject({ status: 200 });
  expect(await post('/in/forms', { headers, body: Buffer.from('--X--') })).toMatchObject({ status: 401 });
  expect(receiver.logged()).toContain('"filesLeftOut":1');
});

it.each(['identity', '', 'utf-8', 'UTF8', ' Identity , utf-8', '"utf-8"'])(
  'takes a body with the content encoding %j, which is no compression',
  async (encoding) => {
    const request = await signed();
    const headers = { ...request.headers, 'content-encoding': encoding };
    expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 200 });
  },
);

it.each(['br', 'deflate', 'identity, gzip', 'utf-8, br', 'aws-chunked', 'x'])(
  'rejects a body with the content encoding %j with 415',
  async (encoding) => {
    const request = await signed();
    const headers = { ...request.headers, 'content-encoding': encoding };
    expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 415, error: 'content-encoding' });
  },
);

it.each(['/in/stripe/', '//in/stripe', '/in//stripe', '/hidden/notify//path-secret%2Fof%20the%20tests/'])(
  'takes a webhook at %s, as if it had no slash too many',
  async (path) => {
    expect(await post(path, await signed())).toMatchObject({ status: 200 });
  },
);

it.each(['text/plain', 'application/vnd.gateway+json', 'application/json; charset=utf-8'])(
  'takes JSON with the content type %s',
  async (type) => {
    const request = await signed();
    const headers = { ...request.headers, 'content-type': type };
    expect(await post('/in/stripe', { ...request, headers })).toMatchObject({ status: 200 });
  },
);

it.each([
  ['/in/adyen', 'unknown-source'],
  ['/in/constructor', 'unknown-source'],
  ['/in/__proto__', 'unknown-source'],
  ['/in/toString', 'unknown-source'],
  ['/elsewhere', 'not-found'],
])('answers 404 at %s, where no source is: %s', async (path, error) => {
  expect(await post(path, await signed())).toMatchObject({ status: 404, error });
});

it.each([
  ['no signature', (headers: Record<string, string>) => ({ 'content-type': headers['content-type']! })],
  ['a garbled signature', (headers: Record<string, string>) => ({ ...headers, 'stripe-signature': 't=,v1==;;\u00ff' })],
  [
    'the signature of another secret',
    (headers: Record<string, string>) => ({ ...headers, 'stripe-signature': `t=${now / 1000},v1=${'0'.repeat(64)}` }),
  ],
])('rejects %s with 401 and stores nothing', async (_what, change) => {
  const { headers, body } = await signed();
  expect(await post('/in/stripe', { headers: change(headers), body })).toMatchObject({ status: 401 });
  expect(await stored()).toEqual([]);
});

it('rejects a changed body and a stale timestamp with 401', async () => {
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

it('rejects an empty unsigned body, and keeps a signed one', async () => {
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

it('stores an event under a hash if its id contains characters that PostgreSQL cannot store', async () => {
  const body = JSON.stringify({ id: 'evt_\0\ud800', type: 'charge.updated', data: { object: { id: 'nul\0' } } });
  expect(await post('/in/stripe', await signed({ body }))).toMatchObject({ status: 200 });
  const [row] = await stored();
  expect(row).toMatchObject({ state: 'ignored' });
  expect(row!.eventId).toMatch(/^sha256:[0-9a-f]{64}$/);
});

it.each(['22021', '23514', '54000'])(
  'rejects a webhook for good, and on record, if the database can never store it (%s)',
  async (code) => {
    failStore = Object.assign(new Error('invalid byte sequence'), { code });
    expect(await post('/in/stripe', await signed())).toMatchObject({ status: 422, error: 'not-storable' });
    expect(receiver.rejections).toMatchObject([{ source: 'stripe', reason: 'not-storable', status: 422 }]);
  },
);

it('answers 503 with Retry-After while the database is unreachable', async () => {
  failStore = new Error('connection terminated');
  expect(await post('/in/stripe', await signed())).toMatchObject({ status: 503, error: 'not-stored', retryAfter: '5' });
  expect(receiver.rejections).toMatchObject([{ source: 'stripe', reason: 'not-stored', status: 503 }]);
});
