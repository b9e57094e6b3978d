import { afterEach, expect, it } from 'vitest';
import { createByteBudget } from '../../../server/receiver/byte-budget.ts';
import type { Inbox } from '../../../server/inbox.ts';
import { openReceiver, signed, type OpenReceiver, type ReceiverOptions } from './receiver-fixture.ts';
import { codeIn, openConnection, requestText, say, statusesIn, type RawConnection } from './raw-connection.ts';

let receiver: OpenReceiver;
let stored: string[];
/** While a test holds the inbox back: functions that each let one event be stored. */
let held: (() => void)[];
let holdsBack: boolean;
afterEach(() => receiver.app.close());

async function open(options: ReceiverOptions = {}): Promise<void> {
  [stored, held, holdsBack] = [[], [], false];
  const inbox: Pick<Inbox, 'storeAll'> = {
    async storeAll(webhook) {
      if (holdsBack) await new Promise<void>((resolve) => held.push(resolve));
      stored.push(...webhook.map(({ event }) => event.id));
      return webhook.map((_entry, index) => ({ duplicate: false, rowId: index, claimed: false }));
    },
  };
  receiver = await openReceiver(inbox, options);
}

/** A request as Stripe would send it, `padding` bytes longer than the sample. */
async function genuine(headers: Record<string, string> = {}, path = '/in/stripe', padding = 0): Promise<Buffer> {
  const body = JSON.stringify({ id: 'evt_1', type: 'charge.updated', pad: 'x'.repeat(padding) });
  const request = await signed({ body });
  return requestText(`POST ${path}`, { ...request.headers, ...headers }, request.body);
}

/** The number of connections that the server has open. */
const connections = () =>
  new Promise((resolve) => receiver.app.server.getConnections((_error, count) => resolve(count)));

const last = { connection: 'close' };
const reasons = () => receiver.rejections.map(({ source, reason }) => `${source}: ${reason}`);
const head = 'POST /in/stripe HTTP/1.1\r\nhost: kait\r\n';

it.each([
  ['no HTTP at all', 'hello?\r\n\r\n', 'unknown'],
  ['the greeting of TLS', Buffer.from('16030100c8010000c40303', 'hex'), 'unknown'],
  ['no host', 'POST /in/stripe HTTP/1.1\r\ncontent-length: 0\r\n\r\n', 'stripe'],
  ['an unknown method', 'STEAL /in/stripe HTTP/1.1\r\nhost: kait\r\n\r\n', 'unknown'],
  ['another protocol', 'POST /in/stripe HTTP/7.1\r\nhost: kait\r\n\r\n', 'unknown'],
  ['a header without a name', `${head}: x\r\n\r\n`, 'unknown'],
  ['a control character in a header', `${head}x-a: \u0001\u0000\r\n\r\n`, 'unknown'],
  ['a folded header', `${head}x-a: 1\r\n 2\r\n\r\n`, 'unknown'],
  ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nx`, 'unknown'],
  ['a negative length', `${head}content-length: -1\r\n\r\n`, 'unknown'],
  ['a length that is not a decimal number', `${head}content-length: 0x10\r\n\r\n`, 'unknown'],
  ['a length beside chunks', `${head}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 'unknown'],
  ['an unknown encoding', `${head}transfer-encoding: chunked, cow\r\n\r\n0\r\n\r\n`, 'unknown'],
  ['a chunk whose length is not a number', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n\r\n`, 'stripe'],
  ['chunks that are longer than they say', `${head}transfer-encoding: chunked\r\n\r\n1\r\nxxxx\r\n0\r\n\r\n`, 'stripe'],
  ['a path that is badly encoded', 'POST /in/%zz HTTP/1.1\r\nhost: kait\r\ncontent-length: 0\r\n\r\n', 'unknown'],
])('answers %s with 400 and counts it once', async (_what, text, source) => {
  await open();
  const answer = await say(receiver.port, text);
  expect([statusesIn(answer), codeIn(answer)]).toEqual([[400], 'malformed']);
  expect(reasons()).toEqual([`${source}: malformed`]);
  expect(receiver.bodies.isSpentBy('127.0.0.1')).toBe(false);
});

it('answers `Expect: 100-continue` only if it wants the body', async () => {
  await open({ limits: { bodyBytes: 1_000 } });
  const request = await genuine({ expect: '100-continue', ...last });
  const end = request.indexOf('\r\n\r\n') + 4;
  const connection = await openConnection(receiver.port);
  connection.send(request.subarray(0, end));
  await connection.until('HTTP/1.1 100 Continue\r\n\r\n');
  connection.send(request.subarray(end));
  expect(statusesIn(await connection.closed())).toEqual([100, 200]);
  const large = await say(receiver.port, `${head}content-length: 1001\r\nexpect: 100-continue\r\n\r\n`);
  expect([statusesIn(large), codeIn(large)]).toEqual([[413], 'body-too-large']);
});

it('rejects every other expectation', async () => {
  await open();
  const answer = await say(receiver.port, requestText('POST /in/stripe', { expect: 'a miracle', ...last }));
  expect([statusesIn(answer), codeIn(answer)]).toEqual([[417], 'expectation']);
  expect(reasons()).toEqual(['stripe: expectation']);
});

it('takes several requests on one connection, one after the other and pipelined', async () => {
  await open();
  const request = await genuine();
  const connection = await openConnection(receiver.port);
  connection.send(request);
  await connection.until('HTTP/1.1 200');
  connection.send(Buffer.concat([request, request, await genuine(last)]));
  expect(statusesIn(await connection.closed())).toEqual([200, 200, 200, 200]);
  expect(stored).toHaveLength(4);
});

it('answers a malformed request after a genuine one on the same connection', async () => {
  await open();
  const connection = await openConnection(receiver.port);
  connection.send(await genuine());
  await connection.until('HTTP/1.1 200');
  connection.send('hello?\r\n\r\n');
  expect(statusesIn(await connection.closed())).toEqual([200, 400]);
});

it('closes the connection of a rejected client', async () => {
  await open();
  const answer = await say(receiver.port, Buffer.concat([requestText('POST /in/nobody'), await genuine()]));
  expect(statusesIn(answer)).toEqual([404]);
  expect(answer).toMatch(/^connection: close\r$/m);
});

it('lets a client finish sending an unwanted body, so that it can read the answer', async () => {
  await open();
  const connection = await openConnection(receiver.port);
  const request = requestText('POST /in/nobody', last, 'x'.repeat(100_000));
  connection.send(request.subarray(0, 50_000));
  connection.send(request.subarray(50_000));
  expect(statusesIn(await connection.closed())).toEqual([404]);
});

it('answers a client that never stops sending an unwanted body', async () => {
  await open({ limits: { bodyBytes: 1_000, requestTimeoutMs: 60_000 } });
  const connection = await openConnection(receiver.port);
  connection.send('POST /in/nobody HTTP/1.1\r\nhost: kait\r\ncontent-length: 1000000000\r\n\r\n');
  connection.send('x'.repeat(3_000));
  expect(statusesIn(await connection.closed())).toEqual([404]);
});

it('takes a body that arrives in a thousand pieces', async () => {
  await open();
  const request = await genuine(last, '/in/stripe', 1_000);
  const connection = await openConnection(receiver.port);
  connection.socket.setNoDelay(true);
  for (const byte of request) connection.send(Buffer.from([byte]));
  expect(statusesIn(await connection.closed())).toEqual([200]);
});

/** Sends a byte every few milliseconds until the server closes the connection. */
async function dribble(connection: RawConnection, byte: string): Promise<string> {
  const timer = setInterval(() => connection.send(byte), 20);
  try {
    return await connection.closed();
  } finally {
    clearInterval(timer);
  }
}

it.each([
  ['its headers', head, 'x', 'unknown'],
  ['its body', `${head}content-length: 1000000\r\n\r\n`, 'x', 'stripe'],
  ['chunks', `${head}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n', 'stripe'],
])(
  'disconnects a client that sends %s too slowly, and takes genuine requests meanwhile',
  async (_what, start, byte, source) => {
    await open();
    const connection = await openConnection(receiver.port);
    connection.send(start);
    const end = dribble(connection, byte);
    expect(statusesIn(await say(receiver.port, await genuine(last)))).toEqual([200]);
    const answer = await end;
    expect([statusesIn(answer), codeIn(answer)]).toEqual([[408], 'request-timeout']);
    expect(reasons()).toEqual([`${source}: request-timeout`]);
  },
);

it('disconnects a client that sends the body of a rejected request too slowly', async () => {
  await open();
  const connection = await openConnection(receiver.port);
  connection.send('POST /in/nobody HTTP/1.1\r\nhost: kait\r\ncontent-length: 1000000\r\n\r\n');
  expect(await dribble(connection, 'x')).toBe('');
  expect(reasons()).toEqual(['unknown: unknown-source']);
});

it('takes genuine requests beside a thousand idle connections, and closes those without an answer', async () => {
  await open({ limits: { requestTimeoutMs: 1_000 } });
  const idle = await Promise.all(Array.from({ length: 1_000 }, () => openConnection(receiver.port)));
  expect(statusesIn(await say(receiver.port, await genuine(last)))).toEqual([200]);
  expect(new Set(await Promise.all(idle.map((connection) => connection.closed())))).toEqual(new Set(['']));
  expect(statusesIn(await say(receiver.port, await genuine(last)))).toEqual([200]);
  expect(receiver.rejections).toEqual([]);
});

it('limits one address to three quarters of the connections, and all addresses to their total', async () => {
  await open({ limits: { connections: 8 } });
  const mine = await Promise.all(Array.from({ length: 6 }, () => openConnection(receiver.port)));
  expect(await (await openConnection(receiver.port)).closed()).toBe('');
  const others = await Promise.all([2, 3].map((host) => openConnection(receiver.port, `127.0.0.${host}`)));
  expect(await (await openConnection(receiver.port, '127.0.0.4')).closed()).toBe('');
  expect(receiver.rejections.map(({ reason, status, address }) => [reason, status, address])).toEqual([
    ['too-many-connections', 0, '127.0.0.1'],
    ['too-many-connections', 0, '127.0.0.4'],
  ]);
  others[0]!.send(await genuine(last));
  expect(statusesIn(await others[0]!.closed())).toEqual([200]);
  for (const { socket } of mine) socket.destroy();
  await expect.poll(connections).toBe(1);
  expect(statusesIn(await say(receiver.port, await genuine(last)))).toEqual([200]);
  others[1]!.socket.destroy();
});

it('lets a trusted proxy use all connections', async () => {
  await open({ limits: { connections: 8 }, trustedProxies: ['127.0.0.1'] });
  const all = await Promise.all(Array.from({ length: 8 }, () => openConnection(receiver.port)));
  all[7]!.send(await genuine(last));
  expect(statusesIn(await all[7]!.closed())).toEqual([200]);
  for (const { socket } of all) socket.destroy();
});

it('rejects requests past its memory for bodies, one sender before the others, until memory is free again', async () => {
  await open({ bodies: createByteBudget({ total: 10_000, each: 5_000 }), trustedProxies: ['127.0.0.1'] });
  const from = (address: string) => ({ 'x-forwarded-for': address, ...last });
  const slow = await openConnection(receiver.port);
  slow.send(requestText('POST /in/stripe', { ...from('203.0.113.9'), 'content-length': 6_000 }, 'x'.repeat(5_000)));
  await expect.poll(() => receiver.bodies.isSpentBy('203.0.113.9')).toBe(true);
  const another = await say(receiver.port, await genuine({ ...from('203.0.113.9'), expect: '100-continue' }));
  expect([statusesIn(another), codeIn(another)]).toEqual([[503], 'overloaded']);
  expect(statusesIn(await say(receiver.port, await genuine(from('203.0.113.10'), '/in/stripe', 100)))).toEqual([200]);
  slow.send('x'.repeat(1_000));
  expect(codeIn(await slow.closed())).toBe('overloaded');
  expect(statusesIn(await say(receiver.port, await genuine(from('203.0.113.9'), '/in/stripe', 4_900)))).toEqual([200]);
  expect(reasons()).toEqual(['stripe: overloaded-bodies', 'stripe: overloaded-bodies']);
});

it('counts the memory of a body until the inbox is done with it', async () => {
  await open({ bodies: createByteBudget({ total: 1_000, each: 1_000 }) });
  holdsBack = true;
  const leaving = await openConnection(receiver.port);
  leaving.send(await genuine(last, '/in/stripe', 900));
  await expect.poll(() => held.length).toBe(1);
  leaving.socket.destroy();
  expect(codeIn(await say(receiver.port, await genuine(last, '/in/stripe', 100)))).toBe('overloaded');
  held[0]!();
  holdsBack = false;
  await expect.poll(() => stored.length).toBe(1);
  expect(statusesIn(await say(receiver.port, await genuine(last, '/in/stripe', 100)))).toEqual([200]);
});

it('counts a client that disconnects in the middle of its body, and frees its memory', async () => {
  await open({ bodies: createByteBudget({ total: 1_000, each: 1_000 }) });
  const connection = await openConnection(receiver.port);
  connection.send(`${head}content-length: 2000\r\n\r\n${'x'.repeat(1_000)}`);
  await expect.poll(() => receiver.bodies.isSpent()).toBe(true);
  connection.socket.destroy();
  await expect.poll(() => receiver.bodies.isSpent()).toBe(false);
  await expect.poll(reasons).toEqual(['stripe: aborted']);
});

it('stops even if a client never finishes its request, and finishes the others', async () => {
  await open();
  const endless = await openConnection(receiver.port);
  endless.send(`${head}content-length: 1000000\r\n\r\n`);
  const end = dribble(endless, 'x');
  holdsBack = true;
  const genuineOne = say(receiver.port, await genuine());
  await expect.poll(() => held.length).toBe(1);
  const closing = receiver.app.close();
  held[0]!();
  expect(statusesIn(await genuineOne)).toEqual([200]);
  await closing;
  expect(await end).toBe('');
  await expect.poll(reasons).toEqual(['stripe: aborted']);
});
