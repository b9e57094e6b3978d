import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Endpoint, EndpointRequest, NewEndpoint } from '../activities/outbound/endpoints.ts';
import type { Database } from '../storage/database.ts';
import type { EventState } from '../storage/schema.ts';
import type { Metrics } from './metrics.ts';
import { listRejections } from './receiver/rejection-records.ts';
import { findEvent, listDeliveries, listEvents, listRuns, redispatch, type RunRow } from './records.ts';

/** Adds and removes where outbound webhooks go. Implemented by `activities/outbound`, handed in by the entry point. */
export interface EndpointStore {
  add(request: EndpointRequest): Promise<NewEndpoint>;
  list(): Promise<Endpoint[]>;
  /** False where there is none of that id. */
  remove(id: string): Promise<boolean>;
}

export interface AdminDeps {
  database: Database;
  metrics: Metrics;
  log: Logger;
  endpoints: EndpointStore;
  /** Temporal's own word on a run (`Running`, `Completed`, …); null where it does not answer or no longer knows the run. */
  runStatus: (workflowId: string) => Promise<string | null>;
  /** Wakes the dispatcher after a redispatch. */
  wakeDispatcher: () => void;
  /** Shown by `kait status`: addresses, versions; no secrets. */
  about: () => Promise<Record<string, unknown>>;
}

const eventStates = ['pending', 'dispatched', 'ignored', 'failed', 'unreadable'] as const satisfies EventState[];
const limit = z.coerce.number().int().min(1).max(500).default(20);
const eventsQuery = z.strictObject({ limit, state: z.enum(eventStates).optional(), source: z.string().optional() });
const rejectionsQuery = z.strictObject({ limit, source: z.string().optional(), reason: z.string().optional() });
const eventKey = z.strictObject({ source: z.string().min(1), eventId: z.string().min(1) });
const newEndpoint = z.strictObject({ url: z.string(), patterns: z.array(z.string()).min(1).max(50) });

export function addAdminRoutes(app: FastifyInstance, deps: AdminDeps): void {
  const { database } = deps;
  app.get('/v1/status', () => deps.about());
  app.get('/v1/events', (request) => listEvents(database, eventsQuery.parse(request.query)));
  app.get('/v1/event', async (request, reply) => {
    const found = await findEvent(database, eventKey.parse(request.query));
    return found ?? reply.code(404).send({ error: { code: 'not-found', message: 'There is no such event.' } });
  });
  app.post('/v1/events/redispatch', async (request) => {
    const redispatched = await redispatch(database, eventKey.parse(request.body));
    deps.wakeDispatcher();
    return { redispatched };
  });
  app.get('/v1/runs', async (request) => {
    const rows = await listRuns(database, z.strictObject({ limit }).parse(request.query).limit);
    return Promise.all(rows.map((row) => withStatus(row, deps)));
  });
  app.get('/v1/deliveries', (request) =>
    listDeliveries(database, z.strictObject({ limit }).parse(request.query).limit),
  );
  app.get('/v1/rejections', (request) => listRejections(database, rejectionsQuery.parse(request.query)));
  app.get('/v1/endpoints', () => deps.endpoints.list());
  app.post('/v1/endpoints', async (request, reply) =>
    reply.code(201).send(await deps.endpoints.add(newEndpoint.parse(request.body))),
  );
  app.delete<{ Params: { id: string } }>('/v1/endpoints/:id', async (request, reply) => {
    const removed = await deps.endpoints.remove(request.params.id);
    return removed
      ? reply.code(204).send()
      : reply.code(404).send({ error: { code: 'not-found', message: 'There is no such endpoint.' } });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(deps.metrics.registry.contentType).send(await deps.metrics.registry.metrics()),
  );
}

async function withStatus(row: RunRow, deps: AdminDeps): Promise<RunRow & { status: string }> {
  return { ...row, status: (await deps.runStatus(row.workflowId)) ?? 'Unknown' };
}
