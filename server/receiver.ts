import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CanonicalEvent } from '../language/event.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import type { Inbox, NewEvent, StoreResult } from './inbox.ts';
import type { Metrics } from './metrics.ts';
import { createRateLimit } from './rate-limit.ts';
import { readEvents } from './gateway/read-events.ts';
import type { InboundRequest } from './gateway/inbound-request.ts';
import type { Source } from './gateway/sources.ts';
import { verifyRequest } from './gateway/verify.ts';

/** Bytes of a body. The largest that gateways send are batches of some 250 kB. */
const bodyLimit = 1024 * 1024;
/** A commit that takes longer is answered 503. It may still succeed; then the redelivery is a duplicate. */
const storeDeadlineMs = 5_000;
const retryAfterSeconds = 5;

/** Bodies that presets know how to read. A missing type is taken as JSON: some gateways send none. */
const readableTypes =
  /^(application\/([\w.+-]*\+)?json|application\/x-www-form-urlencoded|text\/(plain|json|xml)|application\/xml)\b/i;

/**
 * The public HTTP server: `POST /in/<source>`. Bytes in; verify, parse, store, acknowledge. An answer of 2xx means that every
 * event of the request is on disk.
 */
export function createReceiver(deps: {
  sources: Map<string, Source>;
  inbox: Inbox;
  /** Whether any definition is for events of this type; the others are stored as ignored. */
  isWanted: (event: CanonicalEvent) => boolean;
  metrics: Metrics;
  log: Logger;
  now: () => number;
  /** How long a client may take to send its request. Default 10 s. */
  requestTimeoutMs?: number;
}): FastifyInstance {
  const { requestTimeoutMs = 10_000 } = deps;
  const app = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    connectionTimeout: requestTimeoutMs * 2,
    keepAliveTimeout: 72_000,
    http: {
      connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
      headersTimeout: requestTimeoutMs,
      maxHeaderSize: 16 * 1024,
    },
    return503OnClosing: true,
    routerOptions: { maxParamLength: 100 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, deps));
  app.setNotFoundHandler((_request, reply) => {
    void reply.code(404).send(problem('not-found', 'Webhooks are received at POST /in/<source>.'));
  });
  const limits = new Map(
    [...deps.sources.values()].map(({ name, rateLimit }) => [name, rateLimit && createRateLimit(rateLimit, deps.now)]),
  );

  app.post<{ Params: { source: string } }>('/in/:source', async (request, reply) => {
    const startedAt = performance.now();
    const source = deps.sources.get(request.params.source);
    if (source === undefined) {
      deps.metrics.refused.inc({ source: 'unknown', reason: 'unknown-source' });
      return reply.code(404).send(problem('unknown-source', 'No source is mounted at this address.'));
    }
    const waitSeconds = limits.get(source.name)?.take() ?? 0;
    if (waitSeconds > 0) {
      deps.metrics.refused.inc({ source: source.name, reason: 'rate-limited' });
      reply.header('retry-after', Math.ceil(waitSeconds));
      return reply.code(429).send(problem('rate-limited', 'Too many requests for this source.'));
    }
    const inbound = inboundOf(request);
    const refusal = refusalOf(source, inbound, request, deps.now());
    if (refusal !== null) {
      deps.metrics.refused.inc({ source: source.name, reason: refusal.reason });
      deps.log.warn(
        { source: source.name, reason: refusal.reason, bytes: inbound.body.length, ip: request.ip },
        'refused',
      );
      return reply.code(refusal.status).send(problem(refusal.reason, 'The request was not accepted.'));
    }
    const entries = entriesOf(source, inbound, deps);
    const results = await storeAll(deps.inbox, entries);
    observe(deps, source, entries, results, performance.now() - startedAt);
    const { status, body, contentType } = source.preset.acknowledge;
    return reply.code(status).type(contentType).send(body);
  });
  return app;
}

type Deps = Parameters<typeof createReceiver>[0];

function inboundOf(request: FastifyRequest): InboundRequest {
  return {
    method: request.method,
    url: request.url,
    headers: request.headers as InboundRequest['headers'], // Node sets no header to undefined.
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}

function refusalOf(
  source: Source,
  inbound: InboundRequest,
  request: FastifyRequest,
  nowMs: number,
): { status: number; reason: string } | null {
  const contentType = request.headers['content-type'];
  if (contentType !== undefined && !readableTypes.test(contentType)) return { status: 415, reason: 'content-type' };
  if (request.headers['content-encoding'] !== undefined) return { status: 415, reason: 'content-encoding' };
  const verdict = verifyRequest(source.preset, inbound, source.secrets, nowMs);
  return verdict.ok ? null : { status: source.preset.refuse.status, reason: verdict.reason };
}

function entriesOf(source: Source, inbound: InboundRequest, { isWanted, now }: Deps): NewEvent[] {
  const contentType = inbound.headers['content-type'];
  return readEvents(source.preset, source.name, inbound, new Date(now())).map((read) => ({
    event: read.event,
    state: read.unreadable !== null ? 'unreadable' : isWanted(read.event) ? 'pending' : 'ignored',
    lastError: read.unreadable,
    body: inbound.body,
    contentType: typeof contentType === 'string' ? contentType : '',
    headers: null,
    item: read.item,
  }));
}

async function storeAll(inbox: Inbox, entries: NewEvent[]): Promise<StoreResult[]> {
  const [only] = entries;
  const storing =
    entries.length === 1 && only !== undefined
      ? inbox.store(only).then((result) => [result])
      : Promise.all(entries.map((entry) => inbox.store(entry)));
  return withDeadline(storing, storeDeadlineMs, 'The inbox');
}

function observe(deps: Deps, source: Source, entries: NewEvent[], results: StoreResult[], durationMs: number): void {
  deps.metrics.acknowledged.observe(durationMs / 1000);
  entries.forEach(({ event, state, lastError }, index) => {
    const outcome = results[index]?.duplicate === true ? 'duplicate' : state === 'unreadable' ? 'unreadable' : 'stored';
    deps.metrics.accepted.inc({ source: source.name, outcome });
    deps.log.info(
      {
        source: source.name,
        event: event.id,
        type: event.type,
        entity: event.entity,
        outcome,
        ms: Math.round(durationMs * 10) / 10,
        ...(lastError === null ? {} : { reason: lastError }),
      },
      'webhook',
    );
  });
}

/** Fastify's own errors are the client's; everything else means that nothing is known to be stored: send again. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, deps: Deps): FastifyReply {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 503;
  if (status < 500) {
    deps.metrics.refused.inc({ source: 'unknown', reason: `http-${status}` });
    const [code, message] = clientProblems[status] ?? ['bad-request', 'The request is malformed.'];
    return reply.code(status).send(problem(code, message));
  }
  deps.metrics.refused.inc({ source: 'unknown', reason: 'not-stored' });
  deps.log.error({ err: error, url: request.url }, 'webhook not stored');
  reply.header('retry-after', retryAfterSeconds);
  return reply.code(503).send(problem('not-stored', 'The webhook could not be stored. Send it again later.'));
}

const clientProblems: Record<number, [code: string, message: string]> = {
  413: ['body-too-large', `The body is larger than ${bodyLimit} bytes.`],
  408: ['request-timeout', 'The request did not arrive in time.'],
};

function problem(code: string, message: string): { error: { code: string; message: string } } {
  return { error: { code, message } };
}
