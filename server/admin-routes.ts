import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyTypeProvider } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Endpoint, EndpointRequest, NewEndpoint } from '../activities/outbound/endpoints.ts';
import type { Database } from '../storage/database.ts';
import type { DeliveryState, EventState } from '../storage/schema.ts';
import { readAddress } from '../http/networks.ts';
import { listApprovals } from '../storage/approvals/approval-list.ts';
import { answerDecision, type Decide } from './approvals/approval-routes.ts';
import { answerListener, limitListeners } from './feed/answer-listener.ts';
import type { SecretFault } from './gateway/secret-faults.ts';
import type { Metrics } from './metrics.ts';
import { findRun, listDeliveries, listEvents, listRejections, listRuns, type RunRow } from './records.ts';
import { redispatch, type RedispatchDeps } from './redispatch.ts';
import { retryDelivery } from './retry-delivery.ts';
import { runAgain } from './run-again.ts';
import type { Presets } from './gateway/presets.ts';
import { describeReading } from './reread/describe-reading.ts';
import type { RereadChunk, RereadRequest } from './reread/reread-events.ts';
import type { PublishAnswer, PublishRequest } from './publish/publish-set.ts';
import { listSets } from './publish/published-sets.ts';
import { showEvent } from './show-event.ts';
import { freeKey } from '../storage/turns/end-turn.ts';
import { listKeys } from './turns/list-keys.ts';

/** Manages the endpoints of outbound webhooks. Implemented by `activities/outbound`, passed in by the entry point. */
export interface EndpointStore {
  add(request: EndpointRequest): Promise<NewEndpoint>;
  list(): Promise<Endpoint[]>;
  /** False if no endpoint has this id. */
  remove(id: string): Promise<boolean>;
}

type SecretFaultOfSource = SecretFault & { source: string };

export interface AdminDeps {
  database: Database;
  /** Its id. */
  installation: string;
  /** What events are dispatched to. */
  served: RedispatchDeps['served'];
  metrics: Metrics;
  log: Logger;
  endpoints: EndpointStore;
  /** Temporal's status of a run (`Running`, `Completed`, …); null if Temporal is unreachable or no longer knows the run. */
  runStatus: (workflowId: string) => Promise<string | null>;
  presets: Presets;
  /** Reads stored bodies again. */
  reread: (request: RereadRequest) => Promise<RereadChunk>;
  /** Secrets that look as if they were copied wrongly, by their variables. */
  secretFaults: () => SecretFaultOfSource[];
  /** Hands a person's answer to its run. */
  decide: Decide;
  /** Wakes the dispatcher after a redispatch or a reread. */
  wakeDispatcher: () => void;
  /** Records sets of definitions. */
  publish: (request: PublishRequest) => Promise<PublishAnswer>;
  /** Shown by `kait status`: addresses and versions, no secrets. */
  about: () => Promise<Record<string, unknown>>;
}

/** Lets a handler read what the schemas of its route allow. */
interface ZodRoutes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
}

/** PostgreSQL stores no NUL, and no name holds another control character. */
const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u)
    .describe(`a text of 1 to ${most} characters without control characters`);

const eventStates = [
  'pending',
  'waiting',
  'queued',
  'dispatched',
  'ignored',
  'failed',
  'unreadable',
] as const satisfies EventState[];
const state = z.enum(eventStates).describe(`one of ${eventStates.join(', ')}`);
const source = text(200);
const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(500))
  .default(20)
  .describe('a whole number from 1 to 500, given once');

const nothing = z.strictObject({});
const onlyLimit = z.strictObject({ limit });
const eventsQuery = z.strictObject({
  limit,
  state: optional(state),
  source: optional(source),
});
const deliveryStates = ['pending', 'started', 'delivered', 'exhausted', 'refused'] as const satisfies DeliveryState[];
const deliveriesQuery = z.strictObject({
  limit,
  state: optional(z.enum(deliveryStates).describe(`one of ${deliveryStates.join(', ')}`)),
});
const deliveryKey = z.strictObject({ id: text(100) });
const rejectionsQuery = z.strictObject({ limit, source: optional(source), reason: optional(text(100)) });
const eventKey = z.strictObject({ source, eventId: text(1_000) });
const words = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*[^\p{Cc}\p{Cs}\s][^\p{Cc}\p{Cs}]*$/u)
    .describe(`a text of 1 to ${most} characters without control characters, not only blanks`);
const againBody = eventKey.extend({ reason: words(500), actor: words(200), definition: optional(text(64)) });
const eventQuery = eventKey.extend({
  raw: optional(z.literal('true').describe('true, or left out')),
});
const instant = z.iso.datetime({ offset: true }).describe('an RFC 3339 time such as 2026-11-25T01:00:00Z');
const rowNumber = z.int().min(0).describe('a whole number');
const rereadBody = z.strictObject({
  source: optional(source),
  eventId: optional(text(1_000)),
  since: optional(instant),
  until: optional(instant),
  states: optional(
    z
      .array(state)
      .min(1)
      .max(eventStates.length)
      .describe(`a list of ${eventStates.join(', ')}`),
  ),
  after: rowNumber.default(0).describe('a whole number'),
  upTo: optional(rowNumber),
  apply: z.boolean().describe('true or false'),
});
const newEndpoint = z.strictObject({
  url: text(2_000),
  patterns: z.array(text(200)).min(1).max(50).describe('a list of 1 to 50 event type patterns'),
});
const endpointId = z.strictObject({ id: text(100) });

const position = z
  .strictObject({
    last: rowNumber,
    gaps: z.array(z.tuple([rowNumber, rowNumber, z.number()])).max(500),
  })
  .describe('a position that Kait has answered with');
const feedBody = z.strictObject({
  positions: optional(
    z
      .strictObject({ events: position, runs: position, attempts: position, rejections: position })
      .describe('the positions that Kait has answered with'),
  ),
  open: z.array(text(1_500)).max(20).default([]).describe('a list of at most 20 workflow ids'),
});
const runQuery = z.strictObject({ workflowId: text(1_500) });
const stepKey = text(256);
const approvalsQuery = z.strictObject({
  limit,
  state: z.enum(['open', 'all']).default('open').describe('open or all'),
  workflowId: optional(text(1_500)),
  step: optional(stepKey),
});
const reason = z
  .string()
  .max(2_000)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u)
  .describe('a text of at most 2,000 characters without control characters');
const decideBody = z.strictObject({
  workflowId: text(1_500),
  step: optional(stepKey),
  approved: z.boolean().describe('true or false'),
  by: z
    .string()
    .max(200)
    .regex(/^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u)
    .describe('the id of a person, without control characters'),
  reason: optional(reason),
  via: z.enum(['api', 'cli']).default('api').describe('api or cli'),
});
const keysQuery = z.strictObject({
  limit,
  all: z.enum(['true', 'false']).default('false').describe('true or false'),
  definition: optional(text(64)),
});
const freeKeyBody = z.strictObject({ definition: text(64), key: words(1_000), reason: words(500), actor: words(200) });
/** Of an activity that a set was made for. */
const setActivity = z.strictObject({
  name: text(200),
  kind: z.enum(['database', 'network', 'external']),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  input: z.json(),
  output: z.json(),
});
const publishBody = z.strictObject({
  files: optional(z.record(z.string(), z.string()).describe('an object of texts by the paths of their files')),
  activities: optional(
    z
      .array(setActivity)
      .max(500)
      .describe('a list of at most 500 activities with name, kind, digest, input and output'),
  ),
  rollback: optional(rowNumber.describe('the id of a published set')),
  author: words(200),
  note: words(500),
  force: z.boolean().default(false).describe('true or false'),
});
/** Each waits for seconds and asks the database every second. */
const mostListeners = 20;

export function addAdminRoutes(untyped: FastifyInstance, deps: AdminDeps): void {
  const { database } = deps;
  const app = untyped.withTypeProvider<ZodRoutes>();
  app.get('/v1/status', { schema: { querystring: nothing } }, () => deps.about());
  app.get('/v1/events', { schema: { querystring: eventsQuery } }, ({ query }) => listEvents(database, query));
  app.get('/v1/event', { schema: { querystring: eventQuery } }, async ({ query }, reply) => {
    const { raw, ...key } = query;
    if (raw === 'true') deps.log.info(key, 'the first bytes of a body are shown unredacted');
    const found = await showEvent(deps, key, { raw: raw === 'true' });
    return found ?? answerNotFound(reply, 'There is no such event.');
  });
  app.post('/v1/events/redispatch', { schema: { querystring: nothing, body: eventKey } }, async ({ body }) => {
    const answer = await redispatch(deps, body);
    deps.wakeDispatcher();
    return answer;
  });
  app.post('/v1/events/run-again', { schema: { querystring: nothing, body: againBody } }, async ({ body }) => {
    const answer = await runAgain(deps, body);
    const { source, eventId: event, reason, actor } = body;
    if (answer.refused === null) deps.log.warn({ source, event, runs: answer.runs, actor, reason }, 'event runs again');
    deps.wakeDispatcher();
    return answer;
  });
  app.post('/v1/events/reread', { schema: { querystring: nothing, body: rereadBody } }, async ({ body }) => {
    const { readings, ...chunk } = await deps.reread(body);
    if (body.apply) deps.wakeDispatcher();
    return { ...chunk, readings: readings.map(describeReading) };
  });
  const listen = limitListeners(mostListeners);
  const feed = { schema: { querystring: nothing, body: feedBody }, bodyLimit: 256 * 1024 };
  app.post('/v1/feed', feed, async ({ body, raw }, reply) => {
    const answer = listen(() =>
      answerListener({ ...deps, pause, now: () => performance.now() }, body, () => raw.socket.destroyed),
    );
    return answer ?? answerBusy(reply);
  });
  app.get('/v1/published', { schema: { querystring: onlyLimit } }, ({ query }) => listSets(database, query.limit));
  const publishing = { schema: { querystring: nothing, body: publishBody }, bodyLimit: 8 * 2 ** 20 };
  app.post('/v1/published', publishing, async ({ body }) => {
    const answer = await deps.publish(body);
    if (answer.published)
      deps.log.warn(
        { set: answer.set?.id, author: body.author, note: body.note },
        'a set of definitions was published',
      );
    return answer;
  });
  app.get('/v1/runs', { schema: { querystring: onlyLimit } }, async ({ query }) => {
    const rows = await listRuns(database, query.limit);
    return Promise.all(rows.map((row) => withStatus(row, deps)));
  });
  app.get('/v1/run', { schema: { querystring: runQuery } }, async ({ query }, reply) => {
    const row = await findRun(database, query.workflowId);
    return row === undefined ? answerNotFound(reply, 'There is no such run.') : withStatus(row, deps);
  });
  app.get('/v1/keys', { schema: { querystring: keysQuery } }, ({ query: { all, ...query } }) =>
    listKeys(database, { ...query, all: all === 'true' }),
  );
  app.post('/v1/keys/free', { schema: { querystring: nothing, body: freeKeyBody } }, async ({ body }) => {
    const workflowId = await freeKey(database, body);
    if (workflowId !== null) deps.wakeDispatcher();
    return { workflowId };
  });
  app.get('/v1/approvals', { schema: { querystring: approvalsQuery } }, ({ query }) => listApprovals(database, query));
  app.post('/v1/approvals/decide', { schema: { querystring: nothing, body: decideBody } }, ({ body, raw }, reply) =>
    answerDecision(deps, body, readAddress(raw.socket.remoteAddress ?? ''), reply),
  );
  app.get('/v1/deliveries', { schema: { querystring: deliveriesQuery } }, ({ query }) =>
    listDeliveries(database, query),
  );
  app.post('/v1/deliveries/retry', { schema: { querystring: nothing, body: deliveryKey } }, ({ body }) =>
    retryDelivery(database, body.id),
  );
  app.get('/v1/rejections', { schema: { querystring: rejectionsQuery } }, async ({ query }) => ({
    ...(await listRejections(database, query)),
    secretFaults: deps.secretFaults().filter((each) => query.source === undefined || each.source === query.source),
  }));
  app.get('/v1/endpoints', { schema: { querystring: nothing } }, () => deps.endpoints.list());
  app.post('/v1/endpoints', { schema: { querystring: nothing, body: newEndpoint } }, async ({ body }, reply) =>
    reply.code(201).send(await deps.endpoints.add(body)),
  );
  app.delete(
    '/v1/endpoints/:id',
    { schema: { querystring: nothing, params: endpointId } },
    async ({ params }, reply) => {
      const removed = await deps.endpoints.remove(params.id);
      return removed ? reply.code(204).send() : answerNotFound(reply, 'There is no such endpoint.');
    },
  );
  app.get('/metrics', { schema: { querystring: nothing } }, async (_request, reply) =>
    reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics()),
  );
}

/** Keeps the description, which `optional` drops. */
function optional<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> {
  return schema.optional().describe(schema.description ?? '');
}

function answerNotFound(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(404).send({ error: { code: 'not-found', message } });
}

function answerBusy(reply: FastifyReply): FastifyReply {
  const message = `At most ${mostListeners} can listen to one server at once.`;
  return reply
    .code(429)
    .header('retry-after', '5')
    .send({ error: { code: 'too-many-listeners', message } });
}

async function withStatus(row: RunRow, deps: AdminDeps): Promise<RunRow & { status: string }> {
  return { ...row, status: (await deps.runStatus(row.workflowId)) ?? 'Unknown' };
}
