import type { IncomingHttpHeaders } from 'node:http';
import { inNetworks, parseNetworks, readAddress } from '../../http/networks.ts';
import { readForwarded } from './forwarded.ts';

/** Returns the client's address, for limits, allow-lists and records. `unknown` once the connection is gone. */
export type ClientAddress = (request: {
  socket: { remoteAddress?: string | undefined };
  headers: IncomingHttpHeaders;
}) => string;

/** A chain of proxies is short. A sender may write thousands of entries. */
const mostHops = 32;
/** No address is longer, with its port. */
const longestEntry = 64;

/**
 * The client is the peer, unless the peer is one of `trustedProxies`. Then `X-Forwarded-For` or `Forwarded` (RFC 7239) names it. They are
 * read from the right, where the nearest proxy adds its entry, and only as far as trusted proxies wrote them: the sender may have invented
 * the rest. At an entry that is not an address, reading stops and the last proxy counts as the client. (Fastify's `trustProxy` would take
 * any such text for the client's address, and cannot read ports.)
 *
 * A proxy that writes one of the two headers lets the other one of the sender pass. So neither wins: if both are there, reading also stops
 * where they differ.
 *
 * @throws Error if an entry of `trustedProxies` is not a network.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = parseNetworks(trustedProxies);
  const peerOf = rememberPeers();
  return ({ socket, headers }) => {
    let client = peerOf(socket);
    if (!inNetworks(client, trusted)) return client;
    for (const hop of hopsOf(headers)) {
      if (hop === null) return client;
      client = hop;
      if (!inNetworks(client, trusted)) return client;
    }
    return client;
  };
}

/** Reads the address of a connection once. */
function rememberPeers(): (socket: { remoteAddress?: string | undefined }) => string {
  const known = new WeakMap<object, string>();
  return (socket) => {
    const peer = known.get(socket) ?? readAddress(socket.remoteAddress ?? '') ?? 'unknown';
    if (peer !== 'unknown') known.set(socket, peer);
    return peer;
  };
}

/** The addresses that the proxies saw, the nearest proxy's first. Null where none can be believed. */
function hopsOf(headers: IncomingHttpHeaders): (string | null)[] {
  const listed = textOf(headers['x-forwarded-for']);
  const forwarded = textOf(headers.forwarded);
  const one = listed === '' ? null : listedHops(listed);
  const other = forwarded === '' ? null : readForwarded(forwarded).slice(-mostHops).reverse();
  if (one === null || other === null) return one ?? other ?? [];
  const [longer, shorter] = one.length > other.length ? [one, other] : [other, one];
  return longer.map((hop, index) => (hop === shorter[index] ? hop : null));
}

/** Node joins the values of a repeated header, in order. */
function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim();
}

/** Reads `X-Forwarded-For` from the right, without looking at what is too far left to count. */
function listedHops(text: string): (string | null)[] {
  const hops: (string | null)[] = [];
  let rest = text;
  while (hops.length < mostHops) {
    const comma = rest.lastIndexOf(',');
    const entry = rest.slice(comma + 1).trim();
    hops.push(entry.length > longestEntry ? null : readAddress(entry));
    if (comma === -1) break;
    rest = rest.slice(0, comma);
  }
  return hops;
}
