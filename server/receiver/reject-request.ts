import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import { problemOf, type Rejection } from './rejection.ts';
import type { RejectedRequest, Rejections } from './rejections.ts';

/** Rejects requests: counts each one, samples some, and answers so that the client can read the answer. */
export interface Rejecter {
  /** Records a connection that never became a request: it spoke no HTTP, or was one too many. */
  record(rejection: Rejection, of: Pick<RejectedRequest, 'address'> & Partial<RejectedRequest>): void;
  /** Records the request and answers it. `source` is null if the request is for none. */
  answer(
    rejection: Rejection,
    request: IncomingMessage,
    reply: FastifyReply,
    from: { source: { name: string } | null; address: string },
  ): Promise<void>;
}

/** What the database's column holds. */
const largestInteger = 2 ** 31 - 1;

export function createRejecter(deps: {
  rejections: Pick<Rejections, 'record'>;
  metrics: Pick<Metrics, 'rejected'>;
  log: Logger;
  bodyLimitBytes: number;
}): Rejecter {
  function record(
    { reason, status }: Rejection,
    of: Pick<RejectedRequest, 'address'> & Partial<RejectedRequest>,
  ): void {
    const rejection = { source: 'unknown', headerNames: [], ...of, reason, status };
    const bytes = Math.min(of.bytes ?? 0, largestInteger);
    deps.metrics.rejected.inc({ source: rejection.source, reason });
    // A line for each request of a flood would only make it worse.
    if (!deps.rejections.record({ ...rejection, bytes })) return;
    const { source, address } = rejection;
    deps.log.warn({ source, reason, status, address, bytes }, 'webhook rejected');
  }

  return {
    record,
    async answer(rejection, request, reply, { source, address }) {
      record(rejection, {
        source: source?.name ?? 'unknown',
        address,
        bytes: Number(request.headers['content-length'] ?? 0),
        headerNames: Object.keys(request.headers),
        ...(rejection.claims !== undefined && { claims: rejection.claims }),
      });
      if (rejection.restIsLost !== true) await drainBody(request, deps.bodyLimitBytes * 2);
      // Idle connections are what an attacker would hold, so a rejected client does not keep its own.
      reply.header('connection', 'close').headers(rejection.headers ?? {});
      if (rejection.retryAfterSeconds !== undefined) reply.header('retry-after', rejection.retryAfterSeconds);
      reply.code(rejection.status);
      if (rejection.body !== undefined) void reply.type(rejection.body.contentType).send(rejection.body.text);
      else void reply.send(problemOf(rejection.reason));
    },
  };
}

/**
 * Throws away what is left of a body that nobody wants, so that the client is done with sending and reads the answer. A
 * connection that is closed while its client still sends is reset, and the answer is lost on the way (RFC 9112, 9.6). Resolves
 * after `mostBytes` at the latest, or with the request's own time-out. A client that waits for `100-continue` sends nothing.
 */
function drainBody(request: IncomingMessage, mostBytes: number): Promise<void> {
  if (request.readableEnded || request.destroyed || request.headers.expect !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBytes) resolve();
    });
    request.once('end', resolve).once('close', resolve);
  });
}
