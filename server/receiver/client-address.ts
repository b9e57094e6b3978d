import type { IncomingHttpHeaders } from 'node:http';
import { inNetworks, parseNetworks, readAddress } from '../../http/networks.ts';

/** Whose request it is, for limits, allow-lists and records; `unknown` once the connection is gone. */
export type ClientAddress = (request: {
  socket: { remoteAddress?: string | undefined };
  headers: IncomingHttpHeaders;
}) => string;

/**
 * The peer's address; where the peer is one of `trustedProxies`, the one that it says it has forwarded for. `X-Forwarded-For`
 * is read from the right, where the nearest proxy has added to it, and only as long as a trusted one has written: what
 * stands further left is the sender's own invention. Entries that are no address end the reading, and the last proxy
 * counts as the client. (Fastify's `trustProxy` takes any such text for the client's address, and knows no ports.)
 *
 * @throws Error where an entry of `trustedProxies` is no network.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = parseNetworks(trustedProxies);
  return ({ socket, headers }) => {
    let client = readAddress(socket.remoteAddress ?? '') ?? 'unknown';
    if (!inNetworks(client, trusted)) return client;
    for (const hop of forwardedFor(headers).reverse()) {
      const address = readAddress(hop);
      if (address === null) return client;
      client = address;
      if (!inNetworks(client, trusted)) return client;
    }
    return client;
  };
}

function forwardedFor(headers: IncomingHttpHeaders): string[] {
  const value = headers['x-forwarded-for'] ?? [];
  return (typeof value === 'string' ? value : value.join(',')).split(',');
}
