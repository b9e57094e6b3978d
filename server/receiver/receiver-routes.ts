import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createAdmission, type AdmissionDeps } from './admission.ts';
import type { BodyReceiver } from './body-receiver.ts';
import type { ByteBudget, ByteLease } from './byte-budget.ts';
import { watchExpectations } from './expectations.ts';
import type { InboundRequest } from '../gateway/inbound-request.ts';
import type { Source } from '../gateway/sources.ts';
import { QueueFullError } from '../group-commit.ts';
import type { LoadShedding } from './load-shedding.ts';
import { senderNetwork } from '../../http/networks.ts';
import { refusal, RefusedError, retryAfterSeconds, type Refusal } from './refusals.ts';
import { takeWebhook, type TakeWebhookDeps } from './take-webhook.ts';
import type { TurnAway } from './turn-away.ts';

export interface ReceiverRoutesDeps
  extends Omit<AdmissionDeps, 'expectations'>, Omit<TakeWebhookDeps, 'countVerified'> {
  shedding: Pick<LoadShedding, 'shortage' | 'noteQueueFull'>;
  bodies: ByteBudget;
  bodyReceiver: BodyReceiver;
  turnAway: TurnAway;
}

/** A request that was admitted. */
interface Visit {
  source: Source;
  address: string;
  lease: ByteLease;
}

/** The ways of all requests: to a source, or to a refusal. */
export function addReceiverRoutes(app: FastifyInstance, deps: ReceiverRoutesDeps): void {
  const { turnAway } = deps;
  const expectations = watchExpectations(app.server);
  const admission = createAdmission({ ...deps, expectations });

  app.decorateRequest('visit', null);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    const visit = visitOf(request);
    return visit === null ? undefined : deps.bodyReceiver.receive(request.raw, visit.lease);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const visit = visitOf(request);
    const from = visit ?? { source: null, address: deps.clientAddress(request.raw) };
    await turnAway.answer(refusalFor(error, from.source, deps), request.raw, reply, from);
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
      request.setDecorator<Visit>('visit', { source: arrival.source, address: arrival.address, lease });
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

function visitOf(request: FastifyRequest): Visit | null {
  return request.getDecorator<Visit | null>('visit');
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
function refusalFor(error: unknown, source: Source | null, { shedding, log }: ReceiverRoutesDeps): Refusal {
  if (error instanceof RefusedError) return error.refusal;
  if (error instanceof QueueFullError) {
    shedding.noteQueueFull();
    return refusal('shed-queue', { retryAfterSeconds: retryAfterSeconds.soon });
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status < 500) return refusal(status === 415 ? 'content-type' : 'malformed');
  log.error({ err: error, source: source?.name }, 'webhook not stored');
  return refusal('not-stored', { retryAfterSeconds: retryAfterSeconds.soon });
}
