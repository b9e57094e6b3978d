import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DialOptions } from '../../http/dial.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { parseNetworks } from '../../http/networks.ts';
import type { OutboundProxy } from '../../http/proxy.ts';
import { sendRequest } from '../../http/send-request.ts';

import { type RawServer, startRawServer } from './raw-server.ts';
import { serverCertificate, testCa } from './test-certificates.ts';
import { startTunnelProxy, type TunnelProxy } from './tunnel-proxy.ts';

let receiver: RawServer;
let secure: Server;
let securePort: number;
let proxy: TunnelProxy;
let dispatcher: Dispatcher | undefined;
beforeEach(async () => {
  receiver = await startRawServer((socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
  secure = createServer(serverCertificate, (_request, response) => void response.writeHead(201).end());
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  securePort = (secure.address() as AddressInfo).port;
  proxy = await startTunnelProxy();
});
afterEach(async () => {
  await dispatcher?.destroy();
  await proxy.close();
  await receiver.close();
  secure.closeAllConnections();
  secure.close();
});

const toLoopback = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);

function post(url: string, through: Partial<OutboundProxy> = {}, changes: Partial<DialOptions> = {}) {
  dispatcher = createGuardedAgent({
    allow: parseNetworks(['127.0.0.0/8']),
    resolve: toLoopback,
    proxy: { url: `http://127.0.0.1:${proxy.port}`, resolvesNames: false, bypass: [], ...through },
    secureContext: createSecureContext({ ca: testCa }),
    ...changes,
  });
  const request = { method: 'POST' as const, headers: {}, body: '{}', timeoutMs: 8_000, maxBodyBytes: 1_024 };
  return sendRequest(dispatcher, { url, ...request });
}

describe('through a proxy', () => {
  it('plain http goes to the checked address, with the host of the URL', async () => {
    const sent = await post(`http://receiver.example:${receiver.port}/hook`);
    expect(sent).toMatchObject({ kind: 'answered', status: 204 });
    expect(proxy.targets).toEqual([`127.0.0.1:${receiver.port}`]);
    expect(receiver.received[0]).toMatch(
      new RegExp(`^POST /hook HTTP/1.1\r\nhost: receiver.example:${receiver.port}\r\n`),
    );
    expect(Object.keys(sent.timings)).toEqual(['dnsMs', 'connectMs', 'firstByteMs', 'totalMs']);
  });

  it('https goes to the checked address, and the certificate is checked against the name', async () => {
    const sent = await post(`https://receiver.example:${securePort}/hook`);
    expect(sent).toMatchObject({ kind: 'answered', status: 201 });
    expect(proxy.targets).toEqual([`127.0.0.1:${securePort}`]);
    expect(Object.keys(sent.timings)).toEqual(['dnsMs', 'connectMs', 'tlsMs', 'firstByteMs', 'totalMs']);
  });

  it('a wrong name in the receiver’s certificate is the receiver’s failure', async () => {
    const sent = await post(`https://other.example:${securePort}/hook`);
    expect(sent).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer (ERR_TLS_CERT_ALTNAME_INVALID)',
      unsent: true,
    });
  });

  it.each(['internal.example', '127.0.0.1', '[::1]', '169.254.169.254', 'localhost'])(
    'private networks stay off limits: %s',
    async (host) => {
      const sent = await post(`http://${host}:${receiver.port}/`, {}, { allow: [] });
      expect(sent.kind).toBe('refused');
      expect(proxy.targets).toEqual([]);
    },
  );

  it('the user and the password are sent decoded', async () => {
    const url = `http://me:s%40cret%3A@127.0.0.1:${proxy.port}`;
    await post(`http://receiver.example:${receiver.port}/`, { url });
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from('me:s@cret:').toString('base64')}`]);
    expect(receiver.received[0]).not.toMatch(/proxy-/i);
  });

  it('the next address is tried if the proxy cannot reach the first', async () => {
    await proxy.close();
    proxy = await startTunnelProxy((target) => (target.startsWith('[::1]') ? 502 : null));
    const both = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const options = { allow: parseNetworks(['127.0.0.1', '::1']), resolve: () => Promise.resolve(both) };
    const sent = await post(`http://receiver.example:${receiver.port}/`, {}, options);
    expect(sent).toMatchObject({ kind: 'answered', status: 204 });
    expect(proxy.targets).toEqual([`[::1]:${receiver.port}`, `127.0.0.1:${receiver.port}`]);
  });
});

describe('a failure of the proxy', () => {
  it.each([
    [407, 'no answer: the proxy wants a user and a password (HTTP 407)'],
    [403, 'no answer: the proxy refused the connection (HTTP 403)'],
    [302, 'no answer: the proxy refused the connection (HTTP 302)'],
    [502, 'no answer: the proxy could not reach the receiver (HTTP 502)'],
    [504, 'no answer: the proxy could not reach the receiver (HTTP 504)'],
  ])('is told apart from one of the receiver: %i', async (status, reason) => {
    await proxy.close();
    proxy = await startTunnelProxy(() => status);
    const sent = await post(`http://receiver.example:${receiver.port}/`);
    expect(sent).toMatchObject({ kind: 'unanswered', reason, unsent: true });
    expect(receiver.received).toEqual([]);
  });

  it('shows neither its address nor its password if it is down', async () => {
    await proxy.close();
    const sent = await post(`http://receiver.example:${receiver.port}/`, {
      url: `http://me:hunter2@127.0.0.1:${proxy.port}`,
    });
    expect(sent).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer: the proxy did not answer (ECONNREFUSED)',
      unsent: true,
    });
    proxy = await startTunnelProxy();
  });

  it('is named if the proxy does not answer', async () => {
    const silent = await startRawServer(() => undefined);
    const sent = await post(`http://receiver.example:${receiver.port}/`, { url: silent.origin });
    expect(sent).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer: the proxy made no connection within 5000 ms',
      unsent: true,
    });
    await vi.waitFor(() => expect(silent.open()).toBe(0));
    await silent.close();
  });
});

describe('without the proxy', () => {
  it.each([
    ['a host', 'receiver.example'],
    ['a host in other letters', 'Receiver.Example'],
    ['a domain', '.example'],
    ['the address', '127.0.0.1'],
    ['a network', '127.0.0.0/8'],
  ])('goes what the list names by %s', async (_how, entry) => {
    const sent = await post(`http://receiver.example:${receiver.port}/`, { bypass: [entry] });
    expect(sent).toMatchObject({ kind: 'answered', status: 204 });
    expect(proxy.targets).toEqual([]);
  });

  it.each(['example', 'eceiver.example', '.receiver.example', '10.0.0.0/8'])(
    'goes nothing that %s does not name',
    async (entry) => {
      await post(`http://receiver.example:${receiver.port}/`, { bypass: [entry] });
      expect(proxy.targets).toEqual([`127.0.0.1:${receiver.port}`]);
    },
  );

  it('private networks need permission, too', async () => {
    const url = `http://receiver.example:${receiver.port}/`;
    expect((await post(url, { bypass: ['receiver.example'] }, { allow: [] })).kind).toBe('refused');
  });
});

describe('if the proxy resolves names', () => {
  it('it gets the name', async () => {
    const unresolvable = () => Promise.reject(new Error('there is no resolver here'));
    const url = `http://receiver.example:${receiver.port}/`;
    const sent = await post(url, { resolvesNames: true }, { resolve: unresolvable });
    expect(sent).toMatchObject({ kind: 'answered', status: 204 });
    expect(proxy.targets).toEqual([`receiver.example:${receiver.port}`]);
  });

  it.each(['127.0.0.1', '2130706433', '[::1]', 'localhost', 'kait.localhost.'])('it does not get %s', async (host) => {
    const url = `http://${host}:${receiver.port}/`;
    expect((await post(url, { resolvesNames: true }, { allow: [] })).kind).toBe('refused');
    expect(proxy.targets).toEqual([]);
  });
});
