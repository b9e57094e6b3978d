import { and, desc, eq, gte, isNotNull, max, sql, sum } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import {
  deliveries,
  type DeliveryState,
  type EventState,
  events,
  messages,
  rejectionCounts,
  rejections,
  runs,
} from '../storage/schema.ts';

export const eventColumns = {
  source: events.source,
  eventId: events.eventId,
  type: events.type,
  entity: events.entity,
  state: events.state,
  duplicates: events.duplicates,
  receivedAt: events.receivedAt,
  lastError: events.lastError,
};

/** Newest first, like every list here. None holds a body. */
export async function listEvents(
  database: Database,
  filter: { limit: number; state?: EventState | undefined; source?: string | undefined },
) {
  return database.orm
    .select(eventColumns)
    .from(events)
    .where(
      and(
        filter.state === undefined ? undefined : eq(events.state, filter.state),
        filter.source === undefined ? undefined : eq(events.source, filter.source),
      ),
    )
    .orderBy(desc(events.id))
    .limit(filter.limit);
}

export type RunRow = Awaited<ReturnType<typeof listRuns>>[number];

const runColumns = {
  workflowId: runs.workflowId,
  definition: runs.definition,
  definitionHash: runs.definitionHash,
  eventType: events.type,
  entity: events.entity,
  startedAt: runs.startedAt,
};

/** Finds a run that was started. Child runs have no row. */
export async function findRun(database: Database, workflowId: string): Promise<RunRow | undefined> {
  const [row] = await database.orm
    .select(runColumns)
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .where(and(eq(runs.workflowId, workflowId), isNotNull(runs.startedAt)));
  return row;
}

/** Runs that are still to be started are left out. */
export async function listRuns(database: Database, limit: number) {
  return database.orm
    .select(runColumns)
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .where(isNotNull(runs.startedAt))
    .orderBy(desc(runs.startedAt), desc(runs.event))
    .limit(limit);
}

export async function listDeliveries(
  database: Database,
  { limit, state }: { limit: number; state?: DeliveryState | undefined },
) {
  return database.orm
    .select({
      id: deliveries.id,
      messageId: messages.id,
      type: messages.type,
      url: deliveries.url,
      state: deliveries.state,
      attempts: deliveries.attempts,
      lastStatus: deliveries.lastStatus,
      lastError: deliveries.lastError,
      createdAt: deliveries.createdAt,
    })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(state === undefined ? undefined : eq(deliveries.state, state))
    .orderBy(desc(deliveries.createdAt))
    .limit(limit);
}

/** `kait rejections` looks back this far. */
const shownDays = 7;

const sampleColumns = {
  at: rejections.at,
  source: rejections.source,
  reason: rejections.reason,
  status: rejections.status,
  address: rejections.address,
  bytes: rejections.bytes,
  headerNames: rejections.headerNames,
};

/** The counts of the last seven days, highest first, and the newest samples. */
export async function listRejections(
  database: Database,
  filter: { limit: number; source?: string | undefined; reason?: string | undefined },
) {
  const matching = (table: typeof rejections | typeof rejectionCounts) => [
    filter.source === undefined ? undefined : eq(table.source, filter.source),
    filter.reason === undefined ? undefined : eq(table.reason, filter.reason),
  ];
  const firstDay = sql`(now() at time zone 'utc')::date - ${shownDays - 1}::int`;
  const total = sum(rejectionCounts.count).mapWith(Number);
  const counts = await database.orm
    .select({
      source: rejectionCounts.source,
      reason: rejectionCounts.reason,
      count: total,
      lastDay: max(rejectionCounts.day),
    })
    .from(rejectionCounts)
    .where(and(gte(rejectionCounts.day, firstDay), ...matching(rejectionCounts)))
    .groupBy(rejectionCounts.source, rejectionCounts.reason)
    .orderBy(desc(total), rejectionCounts.source, rejectionCounts.reason);
  const samples = await database.orm
    .select(sampleColumns)
    .from(rejections)
    .where(and(...matching(rejections)))
    .orderBy(desc(rejections.id))
    .limit(filter.limit);
  return { counts, samples };
}
