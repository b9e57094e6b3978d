import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { parseNetworks } from '../../http/networks.ts';
import { type OutgoingRequest, sendRequest } from '../../http/send-request.ts';
import { flood, type RawServer, startRawServer } from './raw-server.ts';

const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

let dispatcher: Dispatcher;
let server: RawServer | undefined;
beforeEach(() => {
  dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.0/8']), resolve });
});
afterEach(async () => {
  await dispatcher.destroy();
  await server?.close();
  server = undefined;
});

/** Sends one request to a server that answers as `answer` says. */
async function ask(answer: (socket: Socket) => void, changes: Partial<OutgoingRequest> = {}) {
  server = await startRawServer(answer);
  return send(changes);
}

function send(changes: Partial<OutgoingRequest> = {}) {
  return sendRequest(dispatcher, {
    url: `${server!.origin}/hook`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    timeoutMs: 2_000,
    maxBodyBytes: 16_384,
    bodyTimeoutMs: 200,
    ...changes,
  });
}

describe('a hostile answer', () => {
  it('is cut off after the bytes that are kept, and the connection closes', async () => {
    const sent = await ask((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      flood(socket, 'x'.repeat(65_536));
    });
    expect(sent).toMatchObject({ kind: 'answered', status: 200, bodyComplete: false });
    expect(sent).toMatchObject({ body: Buffer.from('x'.repeat(16_384)) });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('is not waited for if its body drips', async () => {
    const sent = await ask((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nslow');
    });
    expect(sent).toMatchObject({ kind: 'answered', status: 200, bodyComplete: false, bodyTimedOut: true });
    expect(sent).toMatchObject({ body: Buffer.from('slow') });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it.each([
    ['one header', 'x-big: ' + 'x'.repeat(40_000) + '\r\n'],
    ['many headers', 'x-small: 1\r\n'.repeat(10_000)],
    ['a header name', 'x'.repeat(40_000) + ': 1\r\n'],
  ])('fails if %s takes more than 32 KiB', async (_what, headers) => {
    const sent = await ask((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`));
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer (UND_ERR_HEADERS_OVERFLOW)' });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('fails if its trailers take more than 32 KiB', async () => {
    const trailers = `x-big: ${'x'.repeat(40_000)}\r\n`;
    const sent = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`);
    });
    expect(sent).toMatchObject({ kind: 'answered', status: 200, bodyComplete: false });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('fails after 16 interim answers', async () => {
    const sent = await ask((socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(20)), {
      timeoutMs: 20_000,
    });
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer (too many interim answers)' });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('counts after a few interim answers', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(3);
    const sent = await ask((socket) => void socket.write(`${hints}HTTP/1.1 204 No Content\r\n\r\n`));
    expect(sent).toMatchObject({ kind: 'answered', status: 204, bodyComplete: true });
  });

  it('is given up at the time limit if its status line never ends', async () => {
    const sent = await ask(
      (socket) => {
        socket.write('HTTP/1.1 200 ');
        flood(socket, 'x'.repeat(65_536));
      },
      { timeoutMs: 300 },
    );
    expect(sent).toMatchObject({ kind: 'unanswered', reason: 'no answer within 300 ms', timedOut: true });
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('is not decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const sent = await ask((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`);
      socket.write(bomb);
    });
    expect(sent).toMatchObject({ kind: 'answered', bodyComplete: true, body: bomb });
    expect(server!.received[0]).not.toMatch(/accept-encoding/i);
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx'],
    ['has a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['continues what nobody announced', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['ends at once', ''],
  ])('counts as none if it %s', async (_what, text) => {
    const sent = await ask((socket) => void socket.end(text));
    expect(sent.kind).toBe('unanswered');
    await vi.waitFor(() => expect(server!.open()).toBe(0));
  });

  it('does not reach the next request on the same connection', async () => {
    const sent = await ask((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n');
    });
    expect(sent).toMatchObject({ kind: 'answered', status: 200 });
    expect(await send()).toMatchObject({ kind: 'answered', status: 200 });
  });
});

describe('a header', () => {
  it.each([
    ['a line break', 'a\r\nx-injected: 1'],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['a NUL', 'a\0b'],
    ['a character beyond Latin-1', 'a\u{1f600}'],
    ['a DEL', 'a\x7fb'],
  ])('is refused before anything is sent if its value contains %s', async (_what, value) => {
    const sent = await ask((socket) => void socket.end(), { headers: { 'x-api-key': `secret-${value}` } });
    expect(sent).toMatchObject({
      kind: 'refused',
      reason: 'the value of the header x-api-key contains characters that a header cannot have',
    });
    expect(server!.received).toEqual([]);
  });

  it.each(['x y', 'x:y', 'x\r\ny', 'x\0', '', 'ü'])('is refused if its name is %j', async (name) => {
    const sent = await ask((socket) => void socket.end(), { headers: { [name]: 'secret' } });
    expect(sent).toMatchObject({ kind: 'refused', reason: `a header cannot have the name ${JSON.stringify(name)}` });
    expect(server!.received).toEqual([]);
  });

  it.each(['Host', 'content-length', 'Transfer-Encoding', 'connection', 'Expect', 'TE', 'upgrade', 'Keep-Alive'])(
    'is refused if it is %s, which belongs to the connection',
    async (name) => {
      const sent = await ask((socket) => void socket.end(), { headers: { [name]: 'x' } });
      expect(sent).toMatchObject({ kind: 'refused', reason: `the header ${name} cannot be set` });
      expect(server!.received).toEqual([]);
    },
  );
});

describe('the timings', () => {
  const answer = (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');

  it('are those of a new connection to a name', async () => {
    server = await startRawServer(answer);
    const { timings } = await send({ url: `http://receiver.example:${server.port}/` });
    expect(timings).toEqual({
      dnsMs: expect.any(Number) as number,
      connectMs: expect.any(Number) as number,
      firstByteMs: expect.any(Number) as number,
      totalMs: expect.any(Number) as number,
    });
    expect(timings.firstByteMs).toBeLessThanOrEqual(timings.totalMs);
  });

  it('have no name resolution if the host is an address', async () => {
    const { timings } = await ask(answer);
    expect(Object.keys(timings)).toEqual(['connectMs', 'firstByteMs', 'totalMs']);
  });

  it('say that the connection was open already', async () => {
    await ask(answer);
    await setImmediate(); // The agent takes the connection back.
    const { timings } = await send();
    expect(timings).toMatchObject({ reused: true });
    expect(Object.keys(timings)).toEqual(['reused', 'firstByteMs', 'totalMs']);
    expect(server!.received).toHaveLength(1);
  });

  it('say how far an attempt got that nobody answered', async () => {
    const { timings } = await ask(() => undefined, { timeoutMs: 50 });
    expect(Object.keys(timings)).toEqual(['connectMs', 'totalMs']);
  });

  it('tell concurrent requests apart', async () => {
    server = await startRawServer(answer);
    const first = await Promise.all([send(), send(), send()]);
    expect(first.map(({ timings }) => timings.reused)).toEqual([undefined, undefined, undefined]);
    await setImmediate();
    const second = await Promise.all([send(), send(), send()]);
    expect(second.map(({ timings }) => timings.reused)).toEqual([true, true, true]);
    expect(server.received).toHaveLength(3);
  });

  it('do not call a connection open that the server has closed', async () => {
    await ask((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    await vi.waitFor(() => expect(server!.open()).toBe(0));
    expect((await send()).timings.reused).toBeUndefined();
  });
});
