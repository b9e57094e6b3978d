import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { KaitError } from '../errors.ts';

export type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** A network as settings and definitions write it. */
export const networkSchema = z
  .string()
  .refine((text) => parseNetwork(text) !== null, 'expected an address or a network such as 10.0.0.0/8');

/** Networks such as `10.0.0.0/8` and single addresses. Throws `KAIT_CONFIG_INVALID`, naming the entry. */
export function parseNetworks(texts: readonly string[]): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network !== null) return network;
    throw new KaitError('KAIT_CONFIG_INVALID', `Expected an address or a network such as 10.0.0.0/8, got "${text}"`);
  });
}

/**
 * The network that `text` names, or null. An address stands for itself alone. Shorthand (`10`, `127.1`), octal and
 * hexadecimal numbers, ports, brackets and zones are not accepted: two readers could take them for different networks.
 */
function parseNetwork(text: string): Network | null {
  const [, written = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (!isFullAddress(written) || written.includes('%')) return null;
  const address = ipaddr.parse(written);
  const most = address.kind() === 'ipv4' ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (prefix > most) return null;
  // IPv4-mapped addresses are compared as IPv4, so a network of them becomes an IPv4 network.
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && prefix >= 96
    ? [address.toIPv4Address(), prefix - 96]
    : [address, prefix];
}

/**
 * Whether `address` lies in one of the networks. An IPv4-mapped IPv6 address counts as the IPv4 address. False for anything
 * that is not an address.
 */
export function inNetworks(address: string, networks: readonly Network[]): boolean {
  if (networks.length === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
}

/**
 * The address that a socket or a proxy reports, in its one notation: without port, brackets and zone, and as IPv4 even if a
 * dual-stack socket writes it as IPv6 (`::ffff:10.0.0.1`). Null if `text` is not an address.
 */
export function readAddress(text: string): string | null {
  const bare = withoutPort(text.trim());
  if (!isFullAddress(bare)) return null;
  return ipaddr.process(bare.replace(/%.*$/, '')).toString();
}

/** The addresses that one sender can choose from: its IPv4 address, or the /64 network that an IPv6 host gets (RFC 6177). */
export function senderNetwork(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  const host = ipaddr.IPv6.parse(address).toByteArray().slice(0, 8);
  return `${new ipaddr.IPv6([...host, 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}

/** Resolvers accept `10` and `0x7f.1` as addresses. Settings do not. */
function isFullAddress(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Some proxies write `[::1]:443` and `10.0.0.1:443`. An IPv6 address without brackets cannot carry a port. */
function withoutPort(text: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return bracketed ?? plain ?? text;
}
