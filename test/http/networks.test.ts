import { describe, expect, it } from 'vitest';
import { inNetworks, networkSchema, parseNetworks, readAddress, senderNetwork } from '../../http/networks.ts';
import { settingTable } from '../../settings.ts';

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
])('does not read %j as an address', (text) => {
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
])('says whether %s is in %s: %s', (address, network, inside) => {
  expect(inNetworks(address, parseNetworks([network]))).toBe(inside);
});

it('finds an address in any of several networks, and never in an empty list', () => {
  expect(inNetworks('10.0.0.1', parseNetworks(['192.0.2.0/24', '10.0.0.0/8']))).toBe(true);
  expect(inNetworks('10.0.0.1', [])).toBe(false);
});

const notNetworks = [
  '',
  '10',
  '10/8',
  '127.1',
  '127.1/16',
  '0x7f.0.0.1',
  '010.0.0.0/8',
  '2130706433',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/255.0.0.0',
  ' 10.0.0.0/8',
  '10.0.0.1:443',
  '::/129',
  '[::1]',
  '[::1]/128',
  'fe80::1%eth0',
  'fe80::%eth0/10',
  'localhost',
];

it.each(notNetworks)('does not parse %j as a network, and names it', (text) => {
  expect(() => parseNetworks([text])).toThrow(
    expect.objectContaining({
      code: 'KAIT_CONFIG_INVALID',
      message: `Expected an address or a network such as 10.0.0.0/8, got "${text}"`,
    }),
  );
});

describe('what a network is', () => {
  const readers = {
    'the schema of presets and sources': (text: string) => networkSchema.safeParse(text).success,
    KAIT_TRUSTED_PROXIES: (text: string) => settingTable.KAIT_TRUSTED_PROXIES.schema.safeParse(text).success,
    KAIT_OUTBOUND_ALLOW: (text: string) => settingTable.KAIT_OUTBOUND_ALLOW.schema.safeParse(text).success,
  };
  // Settings trim the entries of a list.
  const refused = notNetworks.filter((text) => text.trim() === text);
  const accepted = ['10.0.0.0/8', '10.0.0.7', '10.0.0.7/8', '::/0', '::1', '::ffff:10.0.0.0/104', '2001:DB8::/32'];

  describe.each(Object.entries(readers))('to %s', (_reader, accepts) => {
    it.each(accepted)('includes %j, which parses', (text) => {
      expect(accepts(text)).toBe(true);
      expect(parseNetworks([text])).toHaveLength(1);
    });

    it.each(refused)('excludes %j, which does not parse', (text) => {
      expect(accepts(text)).toBe(false);
    });
  });
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
