import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { deliveries, events, messages, runs, type EventState } from '../storage/schema.ts';

/** What operators read of the database. Newest first; bodies stay out. */

const eventColumns = {
  source: events.source,
  eventId: events.eventId,
  type: events.type,
  entity: events.entity,
  state: events.state,
  duplicates: events.duplicates,
  receivedAt: events.receivedAt,
  lastError: events.lastError,
};

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

/** The event with its canonical envelope and its runs; null where there is none. */
export async function findEvent(database: Database, key: { source: string; eventId: string }) {
  const [event] = await database.orm
    .select({ ...eventColumns, id: events.id, envelope: events.envelope })
    .from(events)
    .where(and(eq(events.source, key.source), eq(events.eventId, key.eventId)));
  if (event === undefined) return null;
  const { id, ...shown } = event;
  const started = await database.orm.select({ workflowId: runs.workflowId }).from(runs).where(eq(runs.event, id));
  return { ...shown, runs: started.map(({ workflowId }) => workflowId) };
}

/** Offers an event that failed or matched nothing to the definitions once more. Runs that exist are not started again. */
export async function redispatch(database: Database, key: { source: string; eventId: string }): Promise<boolean> {
  const changed = await database.orm
    .update(events)
    .set({ state: 'pending', attempts: 0, claimedUntil: null, lastError: null })
    .where(
      and(
        eq(events.source, key.source),
        eq(events.eventId, key.eventId),
        inArray(events.state, ['failed', 'ignored', 'dispatched']),
      ),
    )
    .returning({ id: events.id });
  return changed.length > 0;
}

/** Events that wait for Temporal, counted no further than `atMost`. */
export async function countPending(database: Database, atMost: number): Promise<number> {
  const sql = `select count(*) as count from (select 1 from events where state = 'pending' limit $1) as pending`;
  const [row] = await database.run<{ count: string | number }>('count-pending', sql, [atMost]);
  return Number(row?.count ?? 0);
}

export type RunRow = Awaited<ReturnType<typeof listRuns>>[number];

export async function listRuns(database: Database, limit: number) {
  return database.orm
    .select({
      workflowId: runs.workflowId,
      definition: runs.definition,
      definitionHash: runs.definitionHash,
      eventType: events.type,
      entity: events.entity,
      startedAt: runs.startedAt,
    })
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .orderBy(desc(runs.startedAt), desc(runs.event))
    .limit(limit);
}

export async function listDeliveries(database: Database, limit: number) {
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
    .orderBy(desc(deliveries.createdAt))
    .limit(limit);
}
