import type { Database } from './database.ts';

/** What a sweep looks at, and what it does to it. Parameters from `$3` on are the rule's own `values`. */
export interface SweepRule {
  /** As in `Database.run`. */
  name: string;
  table: string;
  /** The column whose order the rows are looked at in, together with `id`. */
  at: string;
  /** Which rows to look at, by an index that begins or goes on with `at` and `id`. */
  where: string;
  /** Changes the rows in the table `looked`, or those of them that need it, and returns a row for each. Skips locked rows. */
  change: string;
  values: unknown[];
}

/** The most rows that one statement looks at, so that it holds its locks for a few milliseconds. */
const batchRows = 200;
/** Between two statements, so that a sweep takes a fifth of a connection at most: PGlite has only one. */
const pauseFactor = 4;
const shortestPauseMs = 20;
/** An arbitrary number that all Kait processes share. */
const sweepLock = 5_248_002;

/** A row in the order of a rule, whatever the type of its id. */
interface Position {
  at: string;
  id: string;
}

const beforeAll: Position = { at: '-infinity', id: '0' };

/** With the last row that was looked at, if there was one. */
interface Batch extends Position {
  /** Whether no other process is sweeping. */
  alone: boolean;
  looked: string | number;
  changed: string | number;
}

/**
 * Applies the rules one after the other in small batches, each of which begins after the last row of the one before. So rows that must
 * stay are looked at once in a sweep. Ends at once if another process is sweeping. Resolves to the number of rows changed. A rule that fails
 * holds up no other: the sweep rejects with the first failure at its end. `swept` hears of each rule that was applied to the end.
 */
export async function sweep(
  database: Database,
  rules: readonly SweepRule[],
  pause: (ms: number) => Promise<void>,
  swept: (rule: SweepRule, changed: number) => void = () => undefined,
): Promise<number> {
  let changed = 0;
  const failures: unknown[] = [];
  for (const rule of rules) {
    const before = changed;
    let after: Position | null = beforeAll;
    while (after !== null) {
      const startedAt = performance.now();
      const batch: Batch | undefined = await runBatch(database, rule, after).catch(
        (error: unknown) => void failures.push(error),
      );
      if (batch === undefined) break;
      if (!batch.alone) return changed;
      changed += Number(batch.changed);
      after = Number(batch.looked) < batchRows ? null : batch;
      await pause(Math.max(shortestPauseMs, pauseFactor * (performance.now() - startedAt)));
    }
    if (after === null) swept(rule, changed - before);
  }
  if (failures.length > 0) throw failures[0];
  return changed;
}

async function runBatch(database: Database, rule: SweepRule, { at, id }: Position): Promise<Batch> {
  const [batch] = await database.run<Batch>(rule.name, sqlOf(rule), [at, id, ...rule.values]);
  if (batch === undefined) throw new Error(`${rule.name}: expected one row`);
  return batch;
}

/** The lock lasts as long as the statement, so that no crash leaves it behind. */
function sqlOf({ table, at, where, change }: SweepRule): string {
  return `
  with sweeper as materialized (select pg_try_advisory_xact_lock(${sweepLock}) as alone), looked as materialized (
    select id, ${at} as at from ${table}
    where (select alone from sweeper) and ${where} and (${at}, id) > ($1::timestamptz, $2)
    order by ${at}, id limit ${batchRows}
  ), changed as (${change}
  ), last as (select at, id from looked order by at desc, id desc limit 1)
  select (select alone from sweeper) as alone, (select count(*) from looked) as looked, (select count(*) from changed) as changed,
    (select at::text from last) as at, (select id::text from last) as id`;
}
