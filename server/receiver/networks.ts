import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, bits: number];

/** Networks such as `10.0.0.0/8` and single addresses. Throws an `Error` that names an entry which is neither. */
export function parseNetworks(texts: readonly string[]): Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    if (network === null) throw new Error(`Expected an address or a network such as 10.0.0.0/8, came "${text}"`);
    return network;
  });
}

/** Whether `address`, as `readAddress` writes it, lies in any of the networks. What is no address lies in none. */
export function inNetworks(address: string, networks: readonly Network[]): boolean {
  if (networks.length === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
}

/**
 * An address in its one notation, or null where the text is none: without port, brackets and zone, and IPv4 even where a
 * dual-stack socket or a proxy writes it as IPv6 (`::ffff:10.0.0.1`).
 */
export function readAddress(text: string): string | null {
  const bare = withoutPort(text.trim());
  if (!isFullAddress(bare)) return null;
  return ipaddr.process(bare.replace(/%.*$/, '')).toString();
}

/** What one sender has at its disposal: an IPv4 address, or the /64 network that a host gets of IPv6 (RFC 6177). */
export function senderNetwork(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address;
  const host = ipaddr.IPv6.parse(address).toByteArray().slice(0, 8);
  return `${new ipaddr.IPv6([...host, 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}

function parseNetwork(text: string): Network | null {
  if (ipaddr.isValidCIDR(text) && isFullAddress(text.replace(/\/.*$/, ''))) {
    const [address, bits] = ipaddr.parseCIDR(text);
    // `readAddress` never writes IPv4 as IPv6, so a network of such addresses is one of IPv4.
    return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96
      ? [address.toIPv4Address(), bits - 96]
      : [address, bits];
  }
  const address = readAddress(text);
  if (address === null) return null;
  return [ipaddr.parse(address), address.includes(':') ? 128 : 32];
}

/** `10` and `0x7f.1` are addresses to a resolver; nobody who means one writes it so. */
function isFullAddress(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** `[::1]:443` and `10.0.0.1:443`, as some proxies write them; an IPv6 address without brackets cannot carry a port. */
function withoutPort(text: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return bracketed ?? plain ?? text;
}
