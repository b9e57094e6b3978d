import { afterEach, expect, it } from 'vitest';
import { QueueFullError } from '../../../server/group-commit.ts';
import type { Inbox } from '../../../server/inbox.ts';
import { now, openReceiver, pathSecret, signed, type OpenReceiver, type ReceiverOptions } from './receiver-fixture.ts';
import { codeIn, requestText, say, statusesIn } from './raw-connection.ts';

let receiver: OpenReceiver;
let stored: string[];
let failure: Error | null;
afterEach(() => receiver.app.close());

async function open(options: ReceiverOptions = {}): Promise<void> {
  [stored, failure] = [[], null];
  const inbox: Pick<Inbox, 'storeAll'> = {
    storeAll: (webhook) => {
      if (failure !== null) return Promise.reject(failure);
      stored.push(...webhook.map(({ event }) => event.source));
      return Promise.resolve(webhook.map((_entry, index) => ({ duplicate: false, rowId: index, claimed: false })));
    },
  };
  receiver = await openReceiver(inbox, options);
}

const closing = { connection: 'close' };

/** Posts a genuine request from Stripe, or a forged one. */
async function post(path: string, headers: Record<string, string> = {}, forge = false) {
  const { headers: genuine, body } = await signed();
  const signature = forge ? { 'stripe-signature': `t=${now / 1000},v1=${'0'.repeat(64)}` } : {};
  const text = await say(
    receiver.port,
    requestText(`POST ${path}`, { ...genuine, ...signature, ...closing, ...headers }, body),
  );
  const retryAfter = /retry-after: (\d+)/i.exec(text)?.[1] ?? null;
  return { status: statusesIn(text)[0], code: codeIn(text), retryAfter };
}

const reasons = () => receiver.rejections.map(({ source, reason }) => `${source}: ${reason}`);

it('finds a source with a path secret only by the secret, and otherwise responds as if it did not exist', async () => {
  await open();
  const right = encodeURIComponent(pathSecret);
  const unknown = await post('/in/nobody');
  expect(unknown).toEqual({ status: 404, code: 'unknown-source', retryAfter: null });
  expect(await post('/in/hidden')).toEqual(unknown);
  expect(await post('/in/hidden/guess')).toEqual(unknown);
  expect(await post('/hidden/notify')).toEqual(unknown);
  expect(await post(`/in/hidden/${right}`)).toMatchObject({ status: 200 });
  expect(await post(`/hidden/notify/${right}`)).toMatchObject({ status: 200 });
  expect(reasons()).toEqual([
    'unknown: unknown-source',
    'hidden: wrong-path-secret',
    'hidden: wrong-path-secret',
    'hidden: wrong-path-secret',
  ]);
});

it('never logs a path secret, even if a request fails', async () => {
  await open();
  const right = `/in/hidden/${encodeURIComponent(pathSecret)}`;
  failure = new Error('connection terminated');
  expect(await post(right)).toMatchObject({ status: 503, code: 'not-stored', retryAfter: '5' });
  expect(await post(right, {}, true)).toMatchObject({ status: 401 });
  expect(await post(`${right}/%zz`)).toMatchObject({ status: 400 });
  expect(receiver.logged()).toContain('webhook not stored');
  expect(receiver.logged()).not.toMatch(/path-secret|of(?: |%20)the(?: |%20)tests/);
  expect(receiver.logged()).not.toContain('/in/');
});

it('receives webhooks at a path that the gateway prescribes', async () => {
  await open();
  expect(await post('/v1.0/debit/notify')).toMatchObject({ status: 200 });
  expect(stored).toEqual(['prescribed']);
});

it('rejects addresses that the source does not allow, and ignores X-Forwarded-For', async () => {
  await open();
  expect(await post('/in/from-afar')).toEqual({ status: 403, code: 'address', retryAfter: null });
  expect(await post('/in/from-afar', { 'x-forwarded-for': '203.0.113.9' })).toMatchObject({ status: 403 });
  expect(receiver.rejections.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1']);
});

it('believes X-Forwarded-For from a trusted proxy', async () => {
  await open({ trustedProxies: ['127.0.0.0/8'] });
  expect(await post('/in/from-afar', { 'x-forwarded-for': '192.0.2.1, 203.0.113.9' })).toMatchObject({ status: 200 });
  expect(await post('/in/from-afar', { 'x-forwarded-for': '203.0.113.9, 192.0.2.1' })).toMatchObject({ status: 403 });
  expect(await post('/in/from-afar')).toMatchObject({ status: 403 });
  expect(receiver.rejections.map(({ address }) => address)).toEqual(['192.0.2.1', '127.0.0.1']);
});

it('fetches keys on behalf of the sender’s network, and asks to send again while a key is unavailable', async () => {
  const senders: string[] = [];
  const fetchKey: ReceiverOptions['fetchKey'] = (_address, { sender }) => {
    senders.push(sender);
    return Promise.reject(new Error('down'));
  };
  await open({ trustedProxies: ['127.0.0.1'], fetchKey });
  const headers = {
    'paypal-transmission-sig': 'AAAA',
    'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-1',
  };
  const from = (address: string) => post('/in/paypal', { ...headers, 'x-forwarded-for': address });
  expect(await from('203.0.113.9')).toMatchObject({ status: 503, code: 'key-unavailable' });
  expect(await from('2001:db8::1:2')).toMatchObject({ status: 503, code: 'key-unavailable' });
  expect(senders).toEqual(['203.0.113.9', '2001:db8::/64']);
});

it('counts only genuine requests against the limit of a source, so that forgers cannot use it up', async () => {
  await open();
  const forged = await Promise.all([1, 2, 3, 4, 5].map(() => post('/in/limited', {}, true)));
  expect(forged.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  expect(await post('/in/limited')).toMatchObject({ status: 200 });
  expect(await post('/in/limited')).toMatchObject({ status: 200 });
  expect(await post('/in/limited')).toEqual({ status: 429, code: 'rate-limited', retryAfter: '10' });
  expect(await post('/in/limited', {}, true)).toMatchObject({ status: 429 });
  expect(await post('/in/stripe')).toMatchObject({ status: 200 });
});

it('limits each address of a source separately, and IPv6 senders by their network', async () => {
  await open({ trustedProxies: ['127.0.0.1'] });
  const from = (address: string, forge = false) =>
    post('/in/limited-by-address', { 'x-forwarded-for': address }, forge);
  expect(await from('203.0.113.9', true)).toMatchObject({ status: 401 });
  expect(await from('203.0.113.9')).toMatchObject({ status: 200 });
  expect(await from('203.0.113.9')).toEqual({ status: 429, code: 'rate-limited', retryAfter: '10' });
  expect(await from('203.0.113.10')).toMatchObject({ status: 200 });
  expect(await from('2001:db8::1')).toMatchObject({ status: 200 });
  expect(await from('2001:db8::ffff:2')).toMatchObject({ status: 200 });
  expect(await from('2001:db8::3')).toMatchObject({ status: 429 });
  expect(await from('2001:db8:0:1::1')).toMatchObject({ status: 200 });
  expect(reasons()).toEqual([
    'limited-by-address: wrong-signature',
    'limited-by-address: address-rate-limited',
    'limited-by-address: address-rate-limited',
  ]);
});

it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
  'does not take %s',
  async (method) => {
    await open();
    const answer = await say(receiver.port, requestText(`${method} /in/stripe`, closing));
    expect(statusesIn(answer)).toEqual([405]);
    expect(answer).toMatch(/^allow: POST\r$/m);
    expect(statusesIn(await say(receiver.port, requestText(`${method} /in/nobody`, closing)))).toEqual([404]);
    expect(reasons()).toEqual(['stripe: method', 'unknown: unknown-source']);
  },
);

it.each(['/', '/in', '/in/', '/in//', '/favicon.ico', '*', '/.env', '/in/a/b/c', 'http://kait.test/'])(
  'has nothing at %s',
  async (path) => {
    await open();
    const answer = await say(receiver.port, requestText(`OPTIONS ${path}`, closing));
    expect([statusesIn(answer), codeIn(answer)]).toEqual([[404], 'not-found']);
    expect(reasons()).toEqual(['unknown: not-found']);
  },
);

it('accepts a whole URL in the request line, as proxies send it', async () => {
  await open();
  expect(await post('http://kait.test/in/stripe')).toMatchObject({ status: 200 });
});

it.each([
  ['announces', requestText('POST /in/stripe', closing, 'x'.repeat(1_001)), 1_001],
  [
    'turns out to have',
    `POST /in/stripe HTTP/1.1\r\nhost: kait\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1_001)}\r\n0\r\n\r\n`,
    0,
  ],
])('rejects a body that %s more bytes than its limit', async (_what, text, bytes) => {
  await open({ limits: { bodyBytes: 1_000 } });
  const answer = await say(receiver.port, text);
  expect([statusesIn(answer), codeIn(answer)]).toEqual([[413], 'body-too-large']);
  expect(receiver.rejections).toMatchObject([{ source: 'stripe', reason: 'body-too-large', bytes }]);
});

it('reads a body of exactly its limit, and rejects it for its missing signature', async () => {
  await open({ limits: { bodyBytes: 1_000 } });
  const answer = await say(receiver.port, requestText('POST /in/stripe', closing, 'x'.repeat(1_000)));
  expect(statusesIn(answer)).toEqual([401]);
});

it('rejects headers that are too large or too many', async () => {
  await open({ limits: { headerBytes: 8_192 } });
  const large = await say(receiver.port, requestText('POST /in/stripe', { ...closing, 'x-pad': 'x'.repeat(8_192) }));
  expect([statusesIn(large), codeIn(large)]).toEqual([[431], 'headers-too-large']);
  const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));
  const many = await say(receiver.port, requestText('POST /in/stripe', { ...closing, ...names(198) }));
  expect([statusesIn(many), codeIn(many)]).toEqual([[431], 'too-many-headers']);
  const most = await say(receiver.port, requestText('POST /in/stripe', { ...closing, ...names(197) }));
  expect(statusesIn(most)).toEqual([401]);
});

it('records the header names of a rejected request, but no values', async () => {
  await open();
  await post('/in/stripe?key=query-of-the-test', { authorization: 'value-of-the-test' }, true);
  expect(receiver.rejections).toEqual([
    {
      ...{ source: 'stripe', reason: 'wrong-signature', status: 401, address: '127.0.0.1' },
      bytes: (await signed()).body.length,
      headerNames: ['host', 'content-length', 'content-type', 'stripe-signature', 'connection', 'authorization'],
      claims: expect.any(Function) as () => string[], // Hashed before they are stored.
    },
  ]);
  expect(receiver.logged()).not.toMatch(/of-the-test/);
});

it.each([
  ['disk', '60'],
  ['backlog', '60'],
  ['queue', '5'],
  ['bodies', '5'],
] as const)('rejects requests while it is short of %s, and takes them afterwards', async (shortage, retryAfter) => {
  const state: { shortage: typeof shortage | null } = { shortage };
  await open({ shortage: () => state.shortage });
  expect(await post('/in/stripe')).toEqual({ status: 503, code: 'overloaded', retryAfter });
  expect(reasons()).toEqual([`stripe: overloaded-${shortage}`]);
  state.shortage = null;
  expect(await post('/in/stripe')).toMatchObject({ status: 200 });
});

it('rejects a request if the queue of the inbox is full, and notes it', async () => {
  let full = 0;
  await open({ onQueueFull: () => (full += 1) });
  failure = new QueueFullError(10);
  expect(await post('/in/stripe')).toEqual({ status: 503, code: 'overloaded', retryAfter: '5' });
  expect([full, reasons()]).toEqual([1, ['stripe: overloaded-queue']]);
});
