import { expect, it } from 'vitest';
import { inNetworks, parseNetworks, readAddress, senderNetwork } from '../../../server/receiver/networks.ts';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  [' 192.0.2.7 ', '192.0.2.7'],
  ['192.0.2.7:51234', '192.0.2.7'],
  ['[2001:db8::7]:443', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['fe80::1%eth0', 'fe80::1'],
])('reads %s as %s', (text, address) => {
  expect(readAddress(text)).toBe(address);
});

it.each([
  '',
  'unknown',
  '_hidden',
  '10',
  '127.1',
  '0x7f.0.0.1',
  '2130706433',
  '010.0.0.1',
  '192.0.2.256',
  '192.0.2.7:port',
  '[192.0.2.7',
  '192.0.2.7, 10.0.0.1',
  '2001:db8::7::1',
  '192.0.2.0/24',
  '<script>',
  `::${'1'.repeat(10_000)}`,
])('takes %j for no address', (text) => {
  expect(readAddress(text)).toBeNull();
});

it.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.0.0.7', '10.0.0.7', true],
  ['10.0.0.8', '10.0.0.7', false],
  ['10.1.2.3', '::ffff:10.0.0.0/104', true],
  ['10.1.2.3', '::ffff:10.1.2.3', true],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['10.1.2.3', '::/0', false],
  ['2001:db8::1', '0.0.0.0/0', false],
  ['203.0.113.9', '0.0.0.0/0', true],
  ['unknown', '0.0.0.0/0', false],
])('holds that %s in %s is %s', (address, network, inside) => {
  expect(inNetworks(address, parseNetworks([network]))).toBe(inside);
});

it('finds an address in any of several networks, and in none of none', () => {
  expect(inNetworks('10.0.0.1', parseNetworks(['192.0.2.0/24', '10.0.0.0/8']))).toBe(true);
  expect(inNetworks('10.0.0.1', [])).toBe(false);
});

it.each(['10', '10.0.0.0/33', '10/8', 'localhost', ''])('refuses to parse %j as a network, and names it', (text) => {
  expect(() => parseNetworks([text])).toThrow(`came "${text}"`);
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['unknown', 'unknown'],
])('counts the sender %s as %s', (address, network) => {
  expect(senderNetwork(address)).toBe(network);
});
