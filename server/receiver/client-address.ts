import type { IncomingHttpHeaders } from 'node:http';
import { inNetworks, parseNetworks, readAddress } from '../../http/networks.ts';

/** Returns the client's address, for limits, allow-lists and records. `unknown` once the connection is gone. */
export type ClientAddress = (request: {
  socket: { remoteAddress?: string | undefined };
  headers: IncomingHttpHeaders;
}) => string;

/**
 * The client is the peer, unless the peer is one of `trustedProxies`. Then `X-Forwarded-For` names it. That header is read from the
 * right, where the nearest proxy adds its entry, and only as far as trusted proxies wrote it: the sender may have invented the rest.
 * At an entry that is not an address, reading stops and the last proxy counts as the client. (Fastify's `trustProxy` would take
 * any such text for the client's address, and cannot read ports.)
 *
 * @throws Error if an entry of `trustedProxies` is not a network.
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
