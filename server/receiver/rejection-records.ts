import type { Database } from '../../storage/database.ts';
import { rejections } from '../../storage/schema.ts';

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

function keyOf({ day, source, reason }: RejectionCount): string {
  return `${day}\n${source}\n${reason}`;
}
