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

it.each([
  ['what a trusted proxy has seen', 'for=203.0.113.9', undefined, '203.0.113.9'],
  [
    'the first from the right that no proxy of ours is',
    'for=192.0.2.66, for=203.0.113.9, for=10.0.0.2',
    undefined,
    '203.0.113.9',
  ],
  ['the last proxy where the entry is obfuscated', 'for=203.0.113.9, for=_hidden, for=10.0.0.2', undefined, '10.0.0.2'],
  ['the last proxy where the entry is unknown', 'for=203.0.113.9, for=unknown', undefined, '10.0.0.1'],
  ['the proxy where the header is garbage', 'for=203.0.113.9, <b>', undefined, '10.0.0.1'],
  ['the proxy where a quoted string is open', 'for="x, for=203.0.113.9', undefined, '10.0.0.1'],
  ['what both headers say', 'for="203.0.113.9:1234"', '203.0.113.9', '203.0.113.9'],
  [
    'what both say as far as proxies wrote it',
    'for=192.0.2.1, for=203.0.113.9',
    '192.0.2.2, 203.0.113.9',
    '203.0.113.9',
  ],
  ['the proxy where they differ', 'for=192.0.2.1', '203.0.113.9', '10.0.0.1'],
  ['the last proxy on which they agree', 'for=192.0.2.1, for=10.0.0.2', '203.0.113.9, 10.0.0.2', '10.0.0.2'],
  ['the last proxy on which they agree, where one is shorter', 'for=10.0.0.2', '203.0.113.9, 10.0.0.2', '10.0.0.2'],
  ['the proxy where one is garbage', '<b>', '203.0.113.9', '10.0.0.1'],
  ['what one says where the other is empty', 'for=203.0.113.9', ' ', '203.0.113.9'],
  ['what one says where the other is empty, too', '', '203.0.113.9', '203.0.113.9'],
])('is %s, with Forwarded', (_what, forwarded, forwardedFor, address) => {
  const asked = request('10.0.0.1', forwardedFor);
  expect(behindProxies({ ...asked, headers: { ...asked.headers, forwarded } })).toBe(address);
});

it('is the peer if no proxy is trusted, whatever Forwarded says', () => {
  const asked = { socket: { remoteAddress: '198.51.100.1' }, headers: { forwarded: 'for=203.0.113.9' } };
  expect(createClientAddress([])(asked)).toBe('198.51.100.1');
  expect(behindProxies(asked)).toBe('198.51.100.1');
});

it('reads at most 32 entries, so that a sender cannot make it parse thousands', () => {
  expect(behindProxies(request('10.0.0.1', `203.0.113.9, ${'10.0.0.2, '.repeat(31)}10.0.0.3`))).toBe('10.0.0.2');
  expect(behindProxies(request('10.0.0.1', `203.0.113.9, ${'10.0.0.2, '.repeat(30)}10.0.0.3`))).toBe('203.0.113.9');
  expect(behindProxies(request('10.0.0.1', `${'x'.repeat(60_000)}, 203.0.113.9`))).toBe('203.0.113.9');
  expect(behindProxies(request('10.0.0.1', ','.repeat(60_000)))).toBe('10.0.0.1');
});
