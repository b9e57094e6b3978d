import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { fastify, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import { createBodyReceiver } from './body-receiver.ts';
import { createClientAddress } from './client-address.ts';
import { createClientErrorHandler, createExchanges } from './connections.ts';
import { boundShutdown } from '../../http/bound-shutdown.ts';
import { limitConnections } from '../../http/limit-connections.ts';
import { inNetworks, parseNetworks, readAddress } from '../../http/networks.ts';
import { addReceiverRoutes, type ReceiverDeps, type ReceiverLimits } from './receiver-routes.ts';
import { rejectionOf } from './rejection.ts';
import { createRejecter } from './reject-request.ts';

/**
 * The public HTTP server: verifies, parses, stores and acknowledges `POST /in/<source>`. An answer of 2xx means that every event
 * of the request is on disk. Other requests are rejected as early as possible, counted and sampled. The log gets only a
 * request's source, its sender's address and the names of its headers, because a URL may hold a secret.
 */
export function createReceiver(deps: ReceiverDeps): FastifyInstance {
  const { limits } = deps;
  const bodyLimitBytes = limits.bodyBytes;
  const bodyReceiver = createBodyReceiver({ mostBytes: bodyLimitBytes });
  const rejecter = createRejecter({ ...deps, bodyLimitBytes });
  const exchanges = createExchanges();
  const clientAddress = createClientAddress(deps.trustedProxies);
  const app = fastify({
    ...serverOptions(limits),
    clientErrorHandler: createClientErrorHandler({
      bodies: bodyReceiver,
      exchanges,
      onRejected: (rejection, socket) =>
        rejecter.record(rejection, { address: peerOf(socket), bytes: socket.bytesRead }),
    }),
    frameworkErrors: (_error, { raw }, reply) =>
      void rejecter.answer(rejectionOf('malformed'), raw, reply, { source: null, address: clientAddress(raw) }),
  });
  exchanges.watch(app.server);
  // Node would silently drop headers past 2,000, perhaps the signature. The header checks count them instead.
  app.server.maxHeadersCount = 0;
  const proxies = parseNetworks(deps.trustedProxies);
  limitConnections(app.server, {
    total: limits.connections,
    isProxy: (address) => inNetworks(address, proxies),
    onRejected: (address) => rejecter.record(rejectionOf('too-many-connections'), { address }),
  });
  boundShutdown(app, limits.requestTimeoutMs / 2);
  addReceiverRoutes(app, { ...deps, bodyReceiver, rejecter, clientAddress });
  return app;
}

/** The limits that Node enforces. The header checks and the body receiver enforce the others. */
function serverOptions({ headerBytes, requestTimeoutMs }: ReceiverLimits): FastifyHttpOptions<Server> {
  return {
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs * 2,
    keepAliveTimeout: 72_000,
    http: {
      connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
      headersTimeout: requestTimeoutMs,
      maxHeaderSize: headerBytes,
      requireHostHeader: false,
    },
    return503OnClosing: true,
  };
}

function peerOf({ remoteAddress = '' }: Socket): string {
  return readAddress(remoteAddress) ?? 'unknown';
}
