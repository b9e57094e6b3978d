import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { parseNetworks } from '../../http/networks.ts';
import type { Resolve } from '../../http/resolve.ts';
import { sendRequest } from '../../http/send-request.ts';
import { type RawServer, startRawServer } from './raw-server.ts';

let server: RawServer;
let dispatcher: Dispatcher | undefined;
beforeEach(async () => {
  server = await startRawServer((socket) => void socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'));
});
afterEach(async () => {
  await dispatcher?.destroy();
  dispatcher = undefined;
  await server.close();
});

/** A resolver that gives one answer after the other, and the last one again and again. */
function answering(...answers: string[][]): Resolve {
  let asked = 0;
  return () => {
    const addresses = answers[Math.min(asked, answers.length - 1)]!;
    asked += 1;
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
}

function post(resolve: Resolve, { host = 'rebinding.example', allow = [] as string[] } = {}) {
  dispatcher ??= createGuardedAgent({ allow: parseNetworks(allow), resolve });
  return sendRequest(dispatcher, {
    ...{ url: `http://${host}:${server.port}/`, method: 'POST', headers: {}, body: '{}' },
    ...{ timeoutMs: 2_000, maxBodyBytes: 1_024 },
  });
}

describe('a name', () => {
  it('is resolved once for a connection, so that the address that was checked is the one that is used', async () => {
    const resolve = vi.fn(answering(['127.0.0.1'], ['127.0.0.2']));
    expect(await post(resolve, { allow: ['127.0.0.1'] })).toMatchObject({ kind: 'answered', status: 204 });
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  it('is checked again for the next connection', async () => {
    const resolve = answering(['127.0.0.1'], ['127.0.0.2']);
    await post(resolve, { allow: ['127.0.0.1'] });
    expect(await post(resolve)).toEqual({
      kind: 'refused',
      reason: 'rebinding.example leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW',
      timings: { dnsMs: expect.any(Number) as number, totalMs: expect.any(Number) as number },
    });
    expect(server.received).toHaveLength(1);
  });

  it.each([
    ['first', ['127.0.0.1', '127.0.0.2']],
    ['last', ['127.0.0.2', '127.0.0.1']],
    ['only in IPv6', ['::1', '127.0.0.2']],
    ['mapped into IPv6', ['::ffff:127.0.0.1', '127.0.0.2']],
  ])('does not lead to a private address, although it is %s among several', async (_where, addresses) => {
    const sent = await post(answering(addresses), { allow: ['127.0.0.2'] });
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer (ECONNREFUSED)' });
    expect(server.received).toEqual([]);
  });

  it.each(['localhost', 'localhost.', 'LOCALHOST', 'rebinding.example.', 'xn--bcher-kva.example', 'bücher.example'])(
    'is refused as %s if it leads to loopback',
    async (host) => {
      const resolve = vi.fn(answering(['127.0.0.1']));
      expect((await post(resolve, { host })).kind).toBe('refused');
      expect(resolve.mock.calls).toEqual([[new URL(`http://${host}`).hostname]]);
      expect(server.received).toEqual([]);
    },
  );

  it('is refused if it has no address at all', async () => {
    expect((await post(answering([]))).kind).toBe('refused');
  });

  it('is given up if it cannot be resolved', async () => {
    const unknown = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    const sent = await post(() => Promise.reject(unknown));
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer (ENOTFOUND)', unsent: true });
  });
});

describe('a host that is an address', () => {
  it.each([
    ...['127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001', '127.0.0.1.', '0', '0.0.0.0'],
    ...['１２７.０.０.１', '127。0。0。1', '①②⑦.0.0.1'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]'],
    ...['[64:ff9b:1::127.0.0.1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[2606:4700::5efe:127.0.0.1]'],
    ...['[fe80::1]', '[fd00:ec2::254]', '169.254.169.254'],
  ])('is refused as %s, which no resolver sees', async (host) => {
    const resolve = vi.fn(answering(['8.8.8.8']));
    expect(await post(resolve, { host })).toMatchObject({ kind: 'refused' });
    expect(resolve).not.toHaveBeenCalled();
    expect(server.received).toEqual([]);
  });
});

it('follows no redirect', async () => {
  await server.close();
  server = await startRawServer(
    (socket) =>
      void socket.write(`HTTP/1.1 307 x\r\nlocation: ${server.origin}/elsewhere\r\ncontent-length: 0\r\n\r\n`),
  );
  const sent = await post(answering(['127.0.0.1']), { allow: ['127.0.0.1'] });
  expect(sent).toMatchObject({ kind: 'answered', status: 307 });
  expect(server.received).toHaveLength(1);
});
