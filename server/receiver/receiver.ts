import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { fastify, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import { createBodyReceiver } from './body-receiver.ts';
import { createClientAddress } from './client-address.ts';
import { createClientErrorHandler, createExchanges } from './client-errors.ts';
import { limitConnections } from './connection-limits.ts';
import { inNetworks, parseNetworks, readAddress } from '../../http/networks.ts';
import { addReceiverRoutes, type ReceiverRoutesDeps } from './receiver-routes.ts';
import { rejectionOf } from './rejection.ts';
import type { Rejections } from './rejections.ts';
import { createRejecter } from './reject-request.ts';

export interface ReceiverLimits {
  /** Of one body. The largest that gateways send are batches of some 250 kB. */
  bodyBytes: number;
  /** Of all headers of one request. */
  headerBytes: number;
  /** Open at once. */
  connections: number;
  /** How long a client may take to send its request. */
  requestTimeoutMs: number;
}

export interface ReceiverDeps extends Omit<
  ReceiverRoutesDeps,
  'bodyReceiver' | 'rejecter' | 'clientAddress' | 'bodyLimitBytes'
> {
  rejections: Pick<Rejections, 'record'>;
  limits: ReceiverLimits;
  /** Networks of the proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
}

/**
 * The public HTTP server: `POST /in/<source>`. Bytes in; verify, parse, store, acknowledge. An answer of 2xx means that every
 * event of the request is on disk. What is not accepted is rejected as early as possible, counted and sampled. Nothing of a
 * request but its source, its sender's address and the names of its headers is ever logged: a URL may hold a secret.
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
  // Node would drop headers past 2,000 without a word, and a signature with them. `checkHeaders` counts them.
  app.server.maxHeadersCount = 0;
  const proxies = parseNetworks(deps.trustedProxies);
  limitConnections(app.server, {
    total: limits.connections,
    isProxy: (address) => inNetworks(address, proxies),
    onRejected: (address) => rejecter.record(rejectionOf('too-many-connections'), { address }),
  });
  boundShutdown(app, limits.requestTimeoutMs / 2);
  addReceiverRoutes(app, { ...deps, bodyReceiver, rejecter, clientAddress, bodyLimitBytes });
  return app;
}

/** For receiving at all: how long, how much, how many. Of the rest nothing is Fastify's to decide. */
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

/** A server that closes no longer looks at its time-outs, so that one client who dribbles could keep it from ending. */
function boundShutdown(app: FastifyInstance, graceMs: number): void {
  app.addHook('preClose', (done) => {
    const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
    app.server.once('close', () => clearTimeout(timer));
    done();
  });
}

function peerOf({ remoteAddress = '' }: Socket): string {
  return readAddress(remoteAddress) ?? 'unknown';
}
