import { and, desc, eq, gte, inArray, isNotNull, lte, sql } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { events, runs } from '../../storage/schema.ts';
import type { PageRequest } from '../api/cursors.ts';
import { eventConditions, namesFact, newestFirst, type EventFilter } from './event-filter.ts';
import { subjectColumns } from './run-of-key.ts';

/** Which runs to list. Without any filter, all that were started. */
export interface RunFilter extends EventFilter {
  definition?: string | undefined;
  /** Started then or later. */
  since?: string | undefined;
}

const runColumns = {
  workflowId: runs.workflowId,
  definition: runs.definition,
  definitionHash: runs.definitionHash,
  source: events.source,
  eventId: events.eventId,
  eventType: events.type,
  entity: events.entity,
  ...subjectColumns,
  startedAt: runs.startedAt,
};

/** A run as the database knows it. */
export type RunRow = NonNullable<Awaited<ReturnType<typeof findRun>>>;

/**
 * Lists runs, the newest first. If their events are searched, those of the newest events come first, because an index gives them in that
 * order. Runs that are still to be started are left out.
 */
export async function listRuns(database: Database, { after = null, limit, ...filter }: PageRequest & RunFilter) {
  const byEvent = namesFact(filter) || filter.source !== undefined;
  const position = byEvent ? events.id : runs.startedAt;
  const rows = await database.orm
    .select({ ...runColumns, position: sql<string>`${position}::text`, number: runs.number })
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .where(
      and(
        isNotNull(runs.startedAt),
        ...eventConditions(filter),
        filter.definition === undefined ? undefined : eq(runs.definition, filter.definition),
        filter.since === undefined ? undefined : gte(runs.startedAt, new Date(filter.since)),
        after === null || !byEvent ? undefined : lte(events.id, Number(after[0])),
        after === null
          ? undefined
          : sql`(${position}, ${runs.number}) < (${String(after[0])}::${sql.raw(byEvent ? 'bigint' : 'timestamptz')}, ${String(after[1])}::bigint)`,
      ),
    )
    .orderBy(...(byEvent ? newestFirst(filter) : [desc(position)]), desc(runs.number))
    .limit(limit);
  return rows.map(({ position: at, number, ...row }) => ({ ...row, place: [at, number] }));
}

/** Finds a run that was started. Child runs have no row. */
export async function findRun(database: Database, workflowId: string) {
  const [row] = await findRuns(database, [workflowId]);
  return row;
}

/** Finds several, in no order. */
export async function findRuns(database: Database, workflowIds: readonly string[]) {
  if (workflowIds.length === 0) return [];
  return database.orm
    .select(runColumns)
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .where(and(inArray(runs.workflowId, [...workflowIds]), isNotNull(runs.startedAt)));
}
