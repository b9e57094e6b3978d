import type { Database } from '../storage/database.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import type { FoundRuns, StandingDeps } from './search/runs-in-state.ts';

/** How much has come and gone in the last hour, and how fast. */
export interface Figures {
  /** The end of the last minute. */
  at: Date;
  events: Flow;
  runs: Flow;
  /** Webhooks that were delivered. */
  deliveries: Flow;
  latency: {
    /** From the receipt of an event to the start of its run. */
    start: Latency | null;
    /** Of runs that were completed. Null: there were none, or Temporal did not say. */
    run: Latency | null;
    /** From the emission of a webhook to its delivery, with all attempts. Without what somebody had sent again. */
    delivery: Latency | null;
  };
}

export interface Flow {
  /** For each minute, the oldest first. Null: not counted, because there was too much since. */
  perMinute: (number | null)[];
  /** A minute, on average of the last five, or of those that were counted. */
  rate: number;
}

/** In milliseconds. */
export interface Latency {
  median: number;
  /** Of twenty, one took longer. */
  slow: number;
  /** So many were measured: the newest. */
  count: number;
}

const minutes = 60;
const minuteMs = 60_000;
const rateMinutes = 5;
/** Rows that are counted at most. Attempts hold answers, so that fewer of them fit on a page. */
const mostRows = { events: 20_000, runs: 20_000, attempts: 4_000 };
/** Things of which the latency is measured. */
const mostMeasured = 200;
const askTemporalMs = 3_000;

interface Deps {
  database: Pick<Database, 'run'>;
  queryRuns: StandingDeps['queryRuns'];
  now: () => Date;
}

/**
 * Reads the newest rows of the last hour, a bounded number however many there are. Costs the same with a million events as with twenty thousand. Rejects if the database
 * does not answer; of Temporal it can do without an answer.
 */
export async function readFigures({ database, queryRuns, now }: Deps): Promise<Figures> {
  const at = now();
  const since = new Date(at.getTime() - minutes * minuteMs).toISOString();
  const count = (name: keyof typeof countSql) =>
    database.run<CountedMinute>(`figures-${name}`, countSql[name], [since, at.toISOString()]);
  const measure = (name: keyof typeof latencySql) =>
    database.run<Measured>(`figures-${name}`, latencySql[name], [since]);
  const [events, runs, attempts, start, delivery, run] = await Promise.all([
    count('events'),
    count('runs'),
    count('attempts'),
    measure('start'),
    measure('delivery'),
    measureRuns(queryRuns, since),
  ]);
  return {
    at,
    events: flowOf(events, mostRows.events),
    runs: flowOf(runs, mostRows.runs),
    deliveries: flowOf(attempts, mostRows.attempts),
    latency: { start: latencyOf(start), run, delivery: latencyOf(delivery) },
  };
}

/** `minute` counts backwards from now. `seen` are the rows that were looked at, of which `count` are counted. */
interface CountedMinute {
  minute: number;
  seen: number;
  count: number;
}

/** The steps back from the newest row by which the beginning of the hour is looked for. */
const stepsBack = (most: number) => [100, 500, 2_000, 5_000, 10_000].filter((step) => step < most).join(',');

/**
 * Counts the newest rows of a table whose ids grow with time. The beginning of the hour is found by a few looks at the index, so that a quiet hour does not cost
 * as much as a busy one. By a limit as well: for an id that only the statement itself finds, PostgreSQL expects a third of the table.
 */
const countById = (table: string, at: string, counts: string, most: number) => `
  with newest as (select max(id) as id from ${table}), began as (
    select newest.id - step as id from newest cross join unnest(array[${stepsBack(most)}]) as step cross join lateral (
      select ${at} as at from ${table} where id <= newest.id - step order by id desc limit 1) as probe
    where probe.at < $1::timestamptz order by step limit 1
  )
  select floor(extract(epoch from $2::timestamptz - at) / 60)::int as minute, count(*)::int as seen,
    (count(*) filter (where counts))::int as count
  from (
    select ${at} as at, ${counts} as counts from ${table} where id > coalesce((select id from began), 0) order by id desc limit ${most}
  ) as newest
  where at >= $1::timestamptz and at <= $2::timestamptz group by 1`;

const countSql = {
  events: countById('events', 'received_at', 'true', mostRows.events),
  runs: `
    select floor(extract(epoch from $2::timestamptz - started_at) / 60)::int as minute, count(*)::int as seen, count(*)::int as count
    from (
      select started_at from runs where started_at >= $1::timestamptz and started_at <= $2::timestamptz
      order by started_at desc limit ${mostRows.runs}
    ) as newest group by 1`,
  attempts: countById('attempts', 'at', 'status between 200 and 299', mostRows.attempts),
};

interface Measured {
  ms: number;
}

/** In the order in which they began, so that what takes long and has not ended yet is missing. */
const latencySql = {
  start: `
    select (extract(epoch from started_at - received_at) * 1000)::float8 as ms
    from (select event, started_at from runs where started_at >= $1::timestamptz order by started_at desc limit ${mostMeasured}) as newest
    cross join lateral (
      -- Of older events, somebody has had a run started again.
      select received_at from events where events.id = newest.event and received_at >= $1::timestamptz
    ) as told`,
  delivery: `
    select (extract(epoch from ended_at - created_at) * 1000)::float8 as ms
    from (select delivery, status from attempts order by id desc limit ${mostMeasured}) as newest
    cross join lateral (
      select ended_at, created_at from deliveries
      where deliveries.id = newest.delivery and newest.status between 200 and 299 and state = 'delivered' and replays = 0
        and ended_at >= $1::timestamptz
    ) as ended`,
};

async function measureRuns(queryRuns: Deps['queryRuns'], since: string): Promise<Latency | null> {
  const query = `ExecutionStatus="Completed" AND CloseTime > "${since}"`;
  try {
    const asked = queryRuns(query, { size: mostMeasured, next: null });
    const { runs }: FoundRuns = await withDeadline(asked, askTemporalMs, 'Temporal');
    return latencyOf(
      runs.flatMap(({ startedAt, closedAt }) =>
        startedAt === null || closedAt === null ? [] : [{ ms: closedAt.getTime() - startedAt.getTime() }],
      ),
    );
  } catch {
    return null; // Unreachable, too slow, or without the right to ask.
  }
}

function flowOf(rows: readonly CountedMinute[], most: number): Flow {
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  // If the rows did not suffice for the hour, they did not suffice for the oldest minute in them either.
  const counted = seen < most ? minutes : Math.max(0, ...rows.map(({ minute }) => minute));
  const byMinute = new Map(rows.map(({ minute, count }) => [minute, count]));
  const perMinute = Array.from({ length: minutes }, (_, index) => {
    const ago = minutes - 1 - index;
    return ago < counted ? (byMinute.get(ago) ?? 0) : null;
  });
  const lately = perMinute.slice(-rateMinutes).filter((count) => count !== null);
  const total = lately.reduce((sum, count) => sum + count, 0);
  // Of a single minute that was cut, what was counted is the least that it can be.
  return { perMinute, rate: lately.length === 0 ? seen : total / lately.length };
}

function latencyOf(measured: readonly Measured[]): Latency | null {
  const times = measured.map(({ ms }) => Math.max(0, ms)).sort((one, other) => one - other);
  const at = (share: number) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return times.length === 0 ? null : { median: at(0.5), slow: at(0.95), count: times.length };
}
