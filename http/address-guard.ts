import ipaddr from 'ipaddr.js';
import { inNetworks, type Network, parseNetworks } from './networks.ts';

/** The special-purpose IPv4 networks in IANA's registry (RFC 6890), without the few that are globally reachable. */
const privateIPv4 = parseNetworks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);
/** The only IPv6 addresses that IANA has assigned to the Internet. Everything else, such as `fc00::/7`, is private. */
const globalIPv6 = parseNetworks(['2000::/3']);
/** The parts of `2000::/3` that are not the Internet: protocol assignments (RFC 2928) and documentation (RFC 3849, 9637). */
const privateIPv6 = parseNetworks(['2001::/23', '2001:db8::/32', '3fff::/20']);
/**
 * IPv6 networks whose addresses contain an IPv4 address from byte `at` on. That address decides. IPv4-mapped addresses
 * (RFC 4291) are read as IPv4 before this.
 */
const carriers = [
  { networks: parseNetworks(['::ffff:0:0:0/96']), at: 12, inverted: false }, // IPv4-translated, RFC 2765
  { networks: parseNetworks(['64:ff9b::/96']), at: 12, inverted: false }, // NAT64, RFC 6052
  { networks: parseNetworks(['2002::/16']), at: 2, inverted: false }, // 6to4, RFC 3056
  { networks: parseNetworks(['2001::/32']), at: 4, inverted: false }, // Teredo's server, RFC 4380
  { networks: parseNetworks(['2001::/32']), at: 12, inverted: true }, // Teredo's client
];

/** Thrown when a request would reach a private network that is not allowed. The message names the host, not the address. */
export class AddressRefusedError extends Error {
  constructor(host: string) {
    super(`${host} leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW`);
    this.name = 'AddressRefusedError';
  }
}

/**
 * Whether Kait may connect to `address`, in any notation that a resolver understands (`0x7f.1`, `2130706433`). Public
 * addresses are allowed, and those in a network of `allow`. False for anything that is not an address.
 */
export function addressAllowed(address: string, allow: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (inNetworks(address, allow)) return true;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return !inNetworks(address, privateIPv4);
  const behindTunnel = isatapIPv4(parsed);
  if (behindTunnel !== undefined && !addressAllowed(behindTunnel, allow)) return false;
  const carried = carriedIPv4(parsed);
  if (carried.length > 0) return carried.every((ipv4) => addressAllowed(ipv4, allow));
  return inNetworks(address, globalIPv6) && !inNetworks(address, privateIPv6);
}

/** The address in a URL's host, as `new URL` writes it: `[::1]`, `127.0.0.1`. Undefined if the host is a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/**
 * The IPv4 address in an ISATAP interface identifier: `0:5efe:a.b.c.d`, or `200:5efe:a.b.c.d` if it is globally unique
 * (RFC 5214, section 6.1). It follows any prefix, so that the rest of the address counts, too.
 */
function isatapIPv4(address: ipaddr.IPv6): string | undefined {
  const bytes = address.toByteArray();
  const [flags = 0, ...mark] = bytes.slice(8, 12);
  // The flags are "universal" and "group". No router checks them, so all four combinations count.
  const isIsatap = (flags & 0xfc) === 0 && mark.join() === '0,94,254';
  return isIsatap ? new ipaddr.IPv4(bytes.slice(12)).toString() : undefined;
}

function carriedIPv4(address: ipaddr.IPv6): string[] {
  const bytes = address.toByteArray();
  return carriers
    .filter(({ networks }) => inNetworks(address.toString(), networks))
    .map(({ at, inverted }) => {
      const octets = bytes.slice(at, at + 4);
      return new ipaddr.IPv4(inverted ? octets.map((octet) => octet ^ 0xff) : octets).toString();
    });
}
