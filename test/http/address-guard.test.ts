import { describe, expect, it } from 'vitest';
import { addressAllowed, literalAddress } from '../../http/address-guard.ts';
import { parseNetworks } from '../../http/networks.ts';

/** The first and the last address of every refused network, and notations that hide one. */
const refused = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private 10/8', '10.0.0.0', '10.255.255.255'],
  ['carrier-grade NAT', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.0', '127.255.255.255'],
  ['link-local, cloud metadata', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ['private 172.16/12', '172.16.0.0', '172.31.255.255'],
  ['protocol assignments', '192.0.0.0', '192.0.0.255'],
  ['documentation 1', '192.0.2.0', '192.0.2.255'],
  ['6to4 relays', '192.88.99.0', '192.88.99.255'],
  ['private 192.168/16', '192.168.0.0', '192.168.255.255'],
  ['benchmarking', '198.18.0.0', '198.19.255.255'],
  ['documentation 2', '198.51.100.0', '198.51.100.255'],
  ['documentation 3', '203.0.113.0', '203.0.113.255'],
  ['multicast', '224.0.0.0', '239.255.255.255'],
  ['reserved and broadcast', '240.0.0.0', '255.255.255.255'],
  ['numeric forms', '0x7f.1', '0x7f000001', '2130706433', '017700000001', '0177.0.0.1', '127.1', '0', '0xa9fea9fe'],
  ['unspecified and loopback in IPv6', '::', '::1', '0:0:0:0:0:0:0:1'],
  ['IPv4-compatible', '::127.0.0.1', '::7f00:1', '::808:808'],
  ['unique local', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['link-local in IPv6', 'fe80::', 'fe80::1%eth0', 'febf::1'],
  ['site-local', 'fec0::1'],
  ['multicast in IPv6', 'ff00::', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['documentation in IPv6', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '3fff::1', '3fff:fff::1'],
  ['protocol assignments in IPv6', '2001:2::1', '2001:10::1', '2001:20::1', '2001:1ff:ffff::1'],
  ['discard and segment routing', '100::1', '5f00::1'],
  ['IPv4-mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254'],
  ['IPv4-translated', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::a9fe:a9fe'],
  ['local NAT64', '64:ff9b:1::', '64:ff9b:1::8.8.8.8', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['6to4', '2002:7f00:1::', '2002:a00:1::1', '2002:c0a8:101::1'],
  ['Teredo server', '2001:0:7f00:1:0:ffff:f7f7:f7f7'],
  ['Teredo client', '2001:0:808:808:0:ffff:80ff:fffe', '2001:0:808:808:0:ffff:f5ff:fffe'],
  ['ISATAP', '2606:4700::5efe:127.0.0.1', '2606:4700::5efe:a00:1', '2606:4700::200:5efe:192.168.0.1'],
  ['ISATAP with odd flags', '2606:4700::100:5efe:10.0.0.1', '2606:4700::300:5efe:10.0.0.1'],
  ['ISATAP at a private prefix', 'fe80::5efe:8.8.8.8', '2001:db8::5efe:8.8.8.8', 'fd00::200:5efe:8.8.8.8'],
  ['ISATAP in 6to4', '2002:808:808::5efe:10.0.0.1', '2002:a00:1::5efe:8.8.8.8'],
  ['no address', '', 'localhost', 'example.com', '1.2.3.4.5', '256.1.1.1', '::g', '[::1]'],
].flatMap(([what, ...addresses]) => addresses.map((address) => [what, address] as const));

/** Public addresses, among them the neighbours of every refused network. */
const allowed = [
  ['1.0.0.0', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0'],
  ['192.88.98.255', '192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0'],
  ['198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255', '8.8.8.8', '134744072'],
  ['2000::', '2001:200::1', '2001:db7::1', '2001:db9::1', '2606:4700::1111', '3ffe::1', '3fff:1000::1'],
  ['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1', '2001:0:808:808:0:ffff:f7f7:f7f7'],
  ['2606:4700::5efe:8.8.8.8', '2606:4700::200:5efe:808:808', '2606:4700::400:5efe:10.0.0.1', '2606:4700::5eff:a00:1'],
].flat();

describe('the address guard', () => {
  it.each(refused)('refuses %s: %s', (_what, address) => {
    expect(addressAllowed(address, [])).toBe(false);
  });

  it.each(allowed)('lets %s pass', (address) => {
    expect(addressAllowed(address, [])).toBe(true);
  });

  it.each([
    ['127.0.0.1', true],
    ['::ffff:127.0.0.1', true],
    ['0x7f.1', true],
    ['64:ff9b::127.0.0.1', true],
    ['fd12::1', true],
    ['10.1.2.3', true],
    ['10.1.2.4', false],
    ['192.168.7.7', true],
    ['::ffff:192.168.7.7', true],
    ['::1', false],
    ['fc00::1', false],
  ])('with networks that the operator allows, whether %s passes is %s', (address, passes) => {
    const allow = parseNetworks(['127.0.0.0/8', 'fd00::/8', '10.1.2.3', '::ffff:192.168.0.0/112']);
    expect(addressAllowed(address, allow)).toBe(passes);
  });

  it('does not let an IPv4 address pass because all of IPv6 is allowed', () => {
    expect(addressAllowed('::ffff:10.0.0.1', parseNetworks(['::/0']))).toBe(false);
  });

  it.each([
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://127.0.0.1./', '127.0.0.1'],
    ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
    ['http://shop.example/', undefined],
  ])('reads the address in the host of %s as %s', (url, address) => {
    expect(literalAddress(new URL(url).hostname)).toBe(address);
  });
});
