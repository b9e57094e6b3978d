import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Inbox } from '../inbox.ts';
import type { Metrics } from '../metrics.ts';
import type { SourceRegistry } from '../source-registry.ts';
import type { Overload } from './overload.ts';
import type { Rejections } from './rejections.ts';
import { createHeaderChecks, watchExpectations } from './check-headers.ts';
import type { BodyReceiver } from './body-receiver.ts';
import type { ByteBudget, ByteLease } from './byte-budget.ts';
import type { ClientAddress } from './client-address.ts';
import type { InboundRequest } from '../gateway/request-view.ts';
import type { Source } from '../gateway/sources.ts';
import { QueueFullError } from '../group-commit.ts';
import { senderNetwork } from '../../http/networks.ts';
import { rejectionOf, RejectedError, retryAfterSeconds, type Rejection } from './rejection.ts';
import { takeWebhook } from './take-webhook.ts';
import { sqlStateOf } from '../../storage/sql-state.ts';
import type { Rejecter } from './reject-request.ts';

export interface ReceiverLimits {
  /** The largest body. Gateways send batches of up to about 250 kB. */
  bodyBytes: number;
  /** The largest total size of a request's headers. */
  headerBytes: number;
  /** The most connections that may be open at once. */
  connections: number;
  /** How long a client may take to send its request. */
  requestTimeoutMs: number;
}

export interface ReceiverDeps {
  sources: SourceRegistry;
  inbox: Pick<Inbox, 'storeAll'>;
  /** Whether a definition wants events of this type. Others are stored as ignored. */
  isWanted: (event: CanonicalEvent) => boolean;
  overload: Pick<Overload, 'shortage' | 'noteQueueFull'>;
  /** Limits the memory that bodies take up. */
  bodies: ByteBudget;
  rejections: Pick<Rejections, 'record'>;
  limits: ReceiverLimits;
  /** The networks of proxies whose `X-Forwarded-For` or `Forwarded` is believed. */
  trustedProxies: readonly string[];
  metrics: Metrics;
  log: Logger;
  /** In milliseconds. */
  now: () => number;
}

interface ReceiverRoutesDeps extends ReceiverDeps {
  clientAddress: ClientAddress;
  bodyReceiver: BodyReceiver;
  rejecter: Rejecter;
}

/** A request whose headers passed the checks, so that it may send its body. */
interface Visit {
  source: Source;
  address: string;
  lease: ByteLease;
}

/** Routes every request to its source or to a rejection. */
export function addReceiverRoutes(app: FastifyInstance, deps: ReceiverRoutesDeps): void {
  const { rejecter } = deps;
  const expectations = watchExpectations(app.server);
  const headerChecks = createHeaderChecks({ ...deps, bodyLimitBytes: deps.limits.bodyBytes, expectations });

  app.decorateRequest('visit', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    const visit = visitOf(request);
    return visit === null ? undefined : deps.bodyReceiver.receive(request.raw, visit.lease);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const visit = visitOf(request);
    const from = visit ?? { source: null, address: deps.clientAddress(request.raw) };
    await rejecter.answer(rejectionFor(error, from.source, deps), request.raw, reply, from);
    return reply;
  });
  // Gets methods that Fastify has no routes for, such as PROPFIND, and paths such as `*`.
  app.setNotFoundHandler(async ({ raw }, reply) => {
    const checked = headerChecks.check(raw);
    await rejecter.answer(checked.rejection ?? rejectionOf('not-found'), raw, reply, checked);
    return reply;
  });
  // One route serves all sources, because they and their paths change while the server runs.
  app.all('/*', {
    onRequest(request, reply, done) {
      const checked = headerChecks.check(request.raw);
      if (checked.rejection !== null) {
        void rejecter.answer(checked.rejection, request.raw, reply, checked);
        return;
      }
      const lease = deps.bodies.lease(senderNetwork(checked.address));
      reply.raw.once('close', () => lease.end());
      request.setDecorator<Visit>('visit', { source: checked.source, address: checked.address, lease });
      expectations.askForBody(request.raw, reply.raw);
      done();
    },
    async handler(request, reply) {
      const visit = visitOf(request);
      if (visit === null) throw new RejectedError(rejectionOf('not-found'));
      const { countVerified } = headerChecks;
      const answer = await takeWebhook(visit.source, inboundOf(request, visit), visit.lease, {
        ...deps,
        countVerified,
      });
      return reply.code(answer.status).type(answer.contentType).send(answer.body);
    },
  });
}

function visitOf(request: FastifyRequest): Visit | null {
  return request.getDecorator<Visit | null>('visit');
}

function inboundOf(request: FastifyRequest, { address }: Visit): InboundRequest {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers as InboundRequest['headers'], // Node sets no header to undefined.
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    sender: senderNetwork(address),
  };
}

/** Fastify's errors below 500 are the client's. After any other, the webhook may not be stored: the gateway must send it again. */
function rejectionFor(error: unknown, source: Source | null, { overload, log }: ReceiverRoutesDeps): Rejection {
  if (error instanceof RejectedError) return error.rejection;
  if (error instanceof QueueFullError) {
    overload.noteQueueFull();
    return rejectionOf('overloaded-queue', { retryAfterSeconds: retryAfterSeconds.soon });
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500) return rejectionOf(status === 415 ? 'content-type' : 'malformed');
  log.error({ err: error, source: source?.name }, 'webhook not stored');
  if (isAboutValue(error)) return rejectionOf('not-storable');
  return rejectionOf('not-stored', { retryAfterSeconds: retryAfterSeconds.soon });
}

/**
 * Whether the database can never store the webhook: SQLSTATE class 22 is about a value, 23 about a constraint, 54 about a limit such as
 * the size of a key. A batch is refused as a whole, since an answer is about all of its events.
 */
function isAboutValue(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlStateOf(error) ?? '');
}
