import { and, count, desc, eq, gte, lt, max, sql, sum } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { eventConditions, newestFirst, type EventFilter } from './search/event-filter.ts';
import { subjectColumns } from './search/run-of-key.ts';
import type { PageRequest } from './api/cursors.ts';
import { type EventState, events, rejectionCounts, rejections } from '../storage/schema.ts';

export const eventColumns = {
  source: events.source,
  eventId: events.eventId,
  type: events.type,
  entity: events.entity,
  ...subjectColumns,
  state: events.state,
  duplicates: events.duplicates,
  receivedAt: events.receivedAt,
  lastError: events.lastError,
};

/** Newest first, like every list here. None holds a body. */
export async function listEvents(
  database: Database,
  { after = null, limit, state, ...filter }: PageRequest & EventFilter & { state?: EventState | undefined },
) {
  const rows = await database.orm
    .select({ ...eventColumns, id: events.id })
    .from(events)
    .where(
      and(
        state === undefined ? undefined : eq(events.state, state),
        ...eventConditions(filter),
        after === null ? undefined : lt(events.id, Number(after[0])),
      ),
    )
    .orderBy(...newestFirst(filter))
    .limit(limit);
  return rows.map(({ id, ...row }) => ({ ...row, place: [id] }));
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

interface RejectionFilter {
  source?: string | undefined;
  reason?: string | undefined;
}

function matching(table: typeof rejections | typeof rejectionCounts, { source, reason }: RejectionFilter) {
  return [
    source === undefined ? undefined : eq(table.source, source),
    reason === undefined ? undefined : eq(table.reason, reason),
  ];
}

/** The counts of the last seven days, highest first. */
export async function countRejections(database: Database, filter: RejectionFilter) {
  const firstDay = sql`(now() at time zone 'utc')::date - ${shownDays - 1}::int`;
  const total = sum(rejectionCounts.count).mapWith(Number);
  return database.orm
    .select({
      source: rejectionCounts.source,
      reason: rejectionCounts.reason,
      count: total,
      lastDay: max(rejectionCounts.day),
    })
    .from(rejectionCounts)
    .where(and(gte(rejectionCounts.day, firstDay), ...matching(rejectionCounts, filter)))
    .groupBy(rejectionCounts.source, rejectionCounts.reason)
    .orderBy(desc(total), rejectionCounts.source, rejectionCounts.reason);
}

/**
 * What was rejected in the last hour, by source and reason. At most 20 requests of each are sampled by each server, so a number that high
 * means "that many or more".
 */
export async function recentRejections(database: Database, filter: RejectionFilter) {
  const recent = sql`${rejections.at} > now() - interval '1 hour'`;
  return database.orm
    .select({
      source: rejections.source,
      reason: rejections.reason,
      samples: count(),
      lastAt: max(rejections.at),
    })
    .from(rejections)
    .where(and(recent, ...matching(rejections, filter)))
    .groupBy(rejections.source, rejections.reason)
    .orderBy(desc(max(rejections.at)), rejections.source, rejections.reason);
}

/** The samples of rejected requests. */
export async function listRejections(
  database: Database,
  { after = null, limit, ...filter }: PageRequest & RejectionFilter,
) {
  const rows = await database.orm
    .select({ ...sampleColumns, id: rejections.id })
    .from(rejections)
    .where(and(...matching(rejections, filter), after === null ? undefined : lt(rejections.id, Number(after[0]))))
    .orderBy(desc(rejections.id))
    .limit(limit);
  return rows.map(({ id, ...row }) => ({ ...row, place: [id] }));
}
