import ipaddr from 'ipaddr.js';
import { KaitError } from '../../errors.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Cidr = [Address, number];

/**
 * IPv4 networks that no outbound request may reach: IANA's registry of special-purpose addresses (RFC 6890), without the
 * few that are globally reachable.
 */
const refusedIPv4 = [
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
];
/** The only IPv6 addresses that IANA has given out for the Internet. All else, `fc00::/7` for one, is refused unread. */
const globalIPv6 = '2000::/3';
/** What inside of `2000::/3` is not the Internet: protocol assignments (RFC 2928) and documentation (RFC 3849, 9637). */
const refusedIPv6 = ['2001::/23', '2001:db8::/32', '3fff::/20'];
/** IPv6 networks whose addresses carry an IPv4 address, and from which byte. Such an address is judged by what it carries. */
const carriers = [
  { network: '::ffff:0:0/96', at: 12, inverted: false }, // IPv4-mapped, RFC 4291
  { network: '::ffff:0:0:0/96', at: 12, inverted: false }, // IPv4-translated, RFC 2765
  { network: '64:ff9b::/96', at: 12, inverted: false }, // NAT64, RFC 6052
  { network: '2002::/16', at: 2, inverted: false }, // 6to4, RFC 3056
  { network: '2001::/32', at: 4, inverted: false }, // Teredo's server, RFC 4380
  { network: '2001::/32', at: 12, inverted: true }, // Teredo's client
];

/** Thrown where a request would leave the networks that it may reach. The message names the host, not the address. */
export class AddressRefusedError extends Error {
  constructor(host: string) {
    super(`${host} leads into a network that is not allowed`);
    this.name = 'AddressRefusedError';
  }
}

/**
 * Whether Kait may connect to `address`, in any notation that a resolver understands (`0x7f.1`, `2130706433`). What is no
 * address at all may not. A network in `allow` is allowed whatever it is.
 */
export function addressAllowed(address: string, allow: readonly Cidr[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (inAny(parsed, allow)) return true;
  if (parsed instanceof ipaddr.IPv4) return !inAny(parsed, refusedIPv4.map(parseCidr));
  const carried = carriedIPv4(parsed);
  if (carried.length > 0) return carried.every((ipv4) => addressAllowed(ipv4.toString(), allow));
  return inAny(parsed, [parseCidr(globalIPv6)]) && !inAny(parsed, refusedIPv6.map(parseCidr));
}

/** Whether the operator's list names the address itself, so that it counts as trusted and not merely as public. */
export function addressListed(address: string, allow: readonly Cidr[]): boolean {
  return ipaddr.isValid(address) && inAny(ipaddr.process(address), allow);
}

/** The address that a URL's host is, or undefined where it is a name. Reads what `new URL` leaves: `[::1]`, `127.0.0.1`. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}

/** The operator's list, `127.0.0.0/8` or a single address. Throws `KAIT_CONFIG_INVALID`, naming the entry. */
export function parseAllowedNetworks(networks: readonly string[]): Cidr[] {
  return networks.map((network) => {
    if (ipaddr.isValidCIDR(network)) return ipaddr.parseCIDR(network);
    // Shorthand such as `10` would be read as 0.0.0.10: only a full address stands for itself.
    if (/^\d+\.\d+\.\d+\.\d+$|:/.test(network) && ipaddr.isValid(network)) {
      const address = ipaddr.parse(network);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    }
    throw new KaitError('KAIT_CONFIG_INVALID', `Expected a network such as 127.0.0.0/8 or ::1/128, came "${network}"`);
  });
}

function parseCidr(network: string): Cidr {
  return ipaddr.parseCIDR(network);
}

function inAny(address: Address, networks: readonly Cidr[]): boolean {
  return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits));
}

function carriedIPv4(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  return carriers
    .filter(({ network }) => inAny(address, [parseCidr(network)]))
    .map(({ at, inverted }) => {
      const octets = bytes.slice(at, at + 4);
      return new ipaddr.IPv4(inverted ? octets.map((octet) => octet ^ 0xff) : octets);
    });
}
