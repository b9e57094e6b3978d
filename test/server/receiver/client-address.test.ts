import { expect, it } from 'vitest';
import { createClientAddress, type ClientAddress } from '../../../server/receiver/client-address.ts';

function request(peer: string | undefined, forwardedFor?: string): Parameters<ClientAddress>[0] {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return { socket: { remoteAddress: peer }, headers };
}

it('is the peer if no proxy is trusted, regardless of the header', () => {
  const clientAddress = createClientAddress([]);
  expect(clientAddress(request('198.51.100.1'))).toBe('198.51.100.1');
  expect(clientAddress(request('198.51.100.1', '203.0.113.9'))).toBe('198.51.100.1');
  expect(clientAddress(request('::ffff:198.51.100.1', '203.0.113.9'))).toBe('198.51.100.1');
});

const behindProxies = createClientAddress(['10.0.0.0/8', '2001:db8:ffff::/48']);

it.each([
  ['what a trusted proxy has seen', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['the first from the right that no proxy of ours is', '10.0.0.1', '192.0.2.66, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['the peer where it is no proxy of ours', '198.51.100.1', '10.0.0.2', '198.51.100.1'],
  ['the peer itself where a proxy says nothing', '10.0.0.1', undefined, '10.0.0.1'],
  ['the leftmost where all are ours', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['an address with a port', '10.0.0.1', '203.0.113.9:51234', '203.0.113.9'],
  ['an IPv6 address with brackets and port', '10.0.0.1', '[2001:db8::7]:443', '2001:db8::7'],
  ['an IPv4 address written as IPv6', '10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ['what a proxy by IPv6 has seen', '2001:db8:ffff::1', '203.0.113.9', '203.0.113.9'],
  ['the last proxy where the entry is garbage', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['the last proxy that could be read', '10.0.0.1', '203.0.113.9, <b>, 10.0.0.2', '10.0.0.2'],
  ['the proxy where the header is empty', '10.0.0.1', '', '10.0.0.1'],
])('is %s', (_what, peer, forwardedFor, address) => {
  expect(behindProxies(request(peer, forwardedFor))).toBe(address);
});

it('is unknown once the connection is gone', () => {
  expect(behindProxies(request(undefined, '203.0.113.9'))).toBe('unknown');
});

it('throws if a proxy is not a network', () => {
  expect(() => createClientAddress(['proxy.internal'])).toThrow('proxy.internal');
});
