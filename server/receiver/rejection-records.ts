import { and, desc, eq, gte, max, sql, sum } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { rejectionCounts, rejections } from '../../storage/schema.ts';

/** One request of the sample. */
export interface RejectionSample {
  at: Date;
  source: string;
  reason: string;
  status: number;
  address: string;
  bytes: number;
  headerNames: string[];
}

/** How many requests of a day (`2026-01-31`, UTC). */
export interface RejectionCount {
  day: string;
  source: string;
  reason: string;
  count: number;
}

/** `kait rejections` looks back this far. */
const shownDays = 7;

const addCountsSql = `
  insert into rejection_counts (day, source, reason, count)
  select day, source, reason, count
  from json_to_recordset($1::json) as row (day date, source text, reason text, count bigint)
  on conflict (day, source, reason) do update set count = rejection_counts.count + excluded.count`;

/** Adds to what is counted already. Safe to run in several processes at once. */
export async function addRejectionCounts(database: Database, counts: RejectionCount[]): Promise<void> {
  // All processes lock the rows in one order, or two of them could wait for each other.
  const sorted = [...counts].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  if (sorted.length > 0) await database.run('rejections-count', addCountsSql, [JSON.stringify(sorted)]);
}

export async function addRejectionSamples(database: Database, samples: RejectionSample[]): Promise<void> {
  if (samples.length > 0) await database.orm.insert(rejections).values(samples);
}

const sampleColumns = {
  at: rejections.at,
  source: rejections.source,
  reason: rejections.reason,
  status: rejections.status,
  address: rejections.address,
  bytes: rejections.bytes,
  headerNames: rejections.headerNames,
};

/** The counts of the last seven days, most first, and the newest samples. */
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

function keyOf({ day, source, reason }: RejectionCount): string {
  return `${day}\n${source}\n${reason}`;
}
