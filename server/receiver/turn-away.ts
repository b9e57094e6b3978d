import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { drainBody } from './drain-body.ts';
import type { Metrics } from '../metrics.ts';
import { problemOf, type Refusal } from './refusals.ts';
import type { Rejection, Rejections } from './rejections.ts';

/** Refuses requests: each is counted and perhaps sampled, and answered so that its client can read the answer. */
export interface TurnAway {
  /** For what never became a request of its own: a connection that spoke no HTTP, or one too many. */
  note(refused: Refusal, of: Pick<Rejection, 'address'> & Partial<Rejection>): void;
  /** `source` null: none that the request would have been for. */
  answer(
    refused: Refusal,
    request: IncomingMessage,
    reply: FastifyReply,
    from: { source: { name: string } | null; address: string },
  ): Promise<void>;
}

/** Of the database's column. */
const largestInteger = 2 ** 31 - 1;

export function createTurnAway(deps: {
  rejections: Pick<Rejections, 'record'>;
  metrics: Pick<Metrics, 'refused'>;
  log: Logger;
  bodyLimitBytes: number;
}): TurnAway {
  function note({ reason, status }: Refusal, of: Pick<Rejection, 'address'> & Partial<Rejection>): void {
    const rejection = { source: 'unknown', headerNames: [], ...of, reason, status };
    const bytes = Math.min(of.bytes ?? 0, largestInteger);
    deps.metrics.refused.inc({ source: rejection.source, reason });
    // A flood of forged requests is counted; a line for each would only make it worse.
    if (!deps.rejections.record({ ...rejection, bytes })) return;
    const { source, address } = rejection;
    deps.log.warn({ source, reason, status, address, bytes }, 'refused');
  }

  return {
    note,
    async answer(refused, request, reply, { source, address }) {
      note(refused, {
        source: source?.name ?? 'unknown',
        address,
        bytes: Number(request.headers['content-length'] ?? 0),
        headerNames: Object.keys(request.headers),
      });
      if (refused.restIsLost !== true) await drainBody(request, deps.bodyLimitBytes * 2);
      // Whoever is refused may not keep the connection: idle ones are what an attacker would hold.
      reply.header('connection', 'close').headers(refused.headers ?? {});
      if (refused.retryAfterSeconds !== undefined) reply.header('retry-after', refused.retryAfterSeconds);
      reply.code(refused.status);
      if (refused.body !== undefined) void reply.type(refused.body.contentType).send(refused.body.text);
      else void reply.send(problemOf(refused.reason));
    },
  };
}
