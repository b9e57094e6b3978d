import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { fastify, type FastifyHttpOptions, type FastifyInstance, type FastifyRequest } from 'fastify';
import { createAdmission } from './admission.ts';
import { createBodyReceiver, type BodyReceiver } from './body-receiver.ts';
import type { ByteBudget, ByteLease } from './byte-budget.ts';
import { createClientAddress } from './client-address.ts';
import { createClientErrorHandler, createExchanges } from './client-errors.ts';
import { limitConnections } from './connection-limits.ts';
import { watchExpectations } from './expectations.ts';
import type { InboundRequest } from './gateway/inbound-request.ts';
import type { Source } from './gateway/sources.ts';
import { QueueFullError } from './group-commit.ts';
import type { LoadShedding } from './load-shedding.ts';
import { inNetworks, parseNetworks, readAddress, senderNetwork } from './networks.ts';
import { refusal, RefusedError, retryAfterSeconds, type Refusal } from './refusals.ts';
import type { Rejections } from './rejections.ts';
import type { SourceRegistry } from './source-registry.ts';
import { takeWebhook, type TakeWebhookDeps } from './take-webhook.ts';
import { createTurnAway, type TurnAway } from './turn-away.ts';

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

export interface ReceiverDeps extends Omit<TakeWebhookDeps, 'countVerified'> {
  sources: SourceRegistry;
  rejections: Pick<Rejections, 'record'>;
  shedding: Pick<LoadShedding, 'shortage' | 'noteQueueFull'>;
  /** Of all bodies that are being received or stored. */
  bodies: ByteBudget;
  limits: ReceiverLimits;
  /** Networks of the proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
}

/** A request that was admitted. */
interface Visit {
  source: Source;
  address: string;
  lease: ByteLease;
}

/**
 * The public HTTP server: `POST /in/<source>`. Bytes in; verify, parse, store, acknowledge. An answer of 2xx means that every
 * event of the request is on disk. What is not accepted is refused as early as possible, counted and sampled. Nothing of a
 * request but its source, its sender's address and the names of its headers is ever logged: a URL may hold a secret.
 */
export function createReceiver(deps: ReceiverDeps): FastifyInstance {
  const { limits } = deps;
  const bodies = createBodyReceiver({ mostBytes: limits.bodyBytes });
  const turnAway = createTurnAway({ ...deps, bodyLimitBytes: limits.bodyBytes });
  const exchanges = createExchanges();
  const app = fastify({
    ...serverOptions(limits),
    clientErrorHandler: createClientErrorHandler({
      bodies,
      exchanges,
      onRefused: (refused, socket) => turnAway.note(refused, { address: peerOf(socket), bytes: socket.bytesRead }),
    }),
    frameworkErrors: (_error, { raw }, reply) =>
      void turnAway.answer(refusal('malformed'), raw, reply, { source: null, address: peerOf(raw.socket) }),
  });
  exchanges.watch(app.server);
  const proxies = parseNetworks(deps.trustedProxies);
  limitConnections(app.server, {
    total: limits.connections,
    isProxy: (address) => inNetworks(address, proxies),
    onRefused: (address) => turnAway.note(refusal('too-many-connections'), { address }),
  });
  addRoutes(app, { ...deps, bodyReceiver: bodies, turnAway });
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
    },
    return503OnClosing: true,
  };
}

function addRoutes(
  app: FastifyInstance,
  deps: ReceiverDeps & { bodyReceiver: BodyReceiver; turnAway: TurnAway },
): void {
  const { turnAway } = deps;
  // Node would drop those past 2,000 without a word, and a signature with them; admission counts them.
  app.server.maxHeadersCount = 0;
  const expectations = watchExpectations(app.server);
  const clientAddress = createClientAddress(deps.trustedProxies);
  const admission = createAdmission({ ...deps, clientAddress, expectations, bodyLimitBytes: deps.limits.bodyBytes });
  const visitOf = (request: FastifyRequest) => request.getDecorator<Visit | null>('visit');

  app.decorateRequest('visit', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    const visit = visitOf(request);
    return visit === null ? undefined : deps.bodyReceiver.receive(request.raw, visit.lease);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const visit = visitOf(request);
    const address = visit?.address ?? clientAddress(request.raw);
    await turnAway.answer(refusalFor(error, visit, deps), request.raw, reply, {
      source: visit?.source ?? null,
      address,
    });
    return reply;
  });
  // Methods that Fastify has no routes for come here, such as PROPFIND, and paths such as *.
  app.setNotFoundHandler(async ({ raw }, reply) => {
    const arrival = admission.admit(raw);
    await turnAway.answer(arrival.refused ?? refusal('not-found'), raw, reply, arrival);
    return reply;
  });
  // One route for all: sources come and go while the server runs, and so do the paths at which they are mounted.
  app.all('/*', {
    onRequest(request, reply, done) {
      const arrival = admission.admit(request.raw);
      if (arrival.refused !== null) {
        void turnAway.answer(arrival.refused, request.raw, reply, arrival);
        return;
      }
      const lease = deps.bodies.lease(senderNetwork(arrival.address));
      reply.raw.once('close', () => lease.end());
      request.setDecorator<Visit>('visit', { ...arrival, lease });
      expectations.askForBody(request.raw, reply.raw);
      done();
    },
    async handler(request, reply) {
      const visit = visitOf(request);
      if (visit === null) throw new RefusedError(refusal('not-found'));
      const { countVerified } = admission;
      const answer = await takeWebhook(visit.source, inboundOf(request), visit.lease, { ...deps, countVerified });
      return reply.code(answer.status).type(answer.contentType).send(answer.body);
    },
  });
}

function inboundOf(request: FastifyRequest): InboundRequest {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers as InboundRequest['headers'], // Node sets no header to undefined.
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}

/** Fastify's own errors are the client's; where nobody knows better, nothing is known to be stored: send again. */
function refusalFor(error: unknown, visit: Visit | null, { shedding, log }: ReceiverDeps): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof QueueFullError) {
    shedding.noteQueueFull();
    return refusal('shed-queue', { retryAfterSeconds: retryAfterSeconds.soon });
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500) return refusal(status === 415 ? 'content-type' : 'malformed');
  log.error({ err: error, source: visit?.source.name }, 'webhook not stored');
  return refusal('not-stored', { retryAfterSeconds: retryAfterSeconds.soon });
}

function peerOf({ remoteAddress = '' }: Socket): string {
  return readAddress(remoteAddress) ?? 'unknown';
}
