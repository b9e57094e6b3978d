import { composeAll } from '../../cli/compose/compose-all.ts';
import { processLog } from '../../cli/log.ts';
import { loadConfig } from '../../config.ts';
import { runChildProgram } from '../child-program.ts';

/** How far the webhooks have got. */
export interface Progress {
  stored: number;
  /** Stored, and not handed to Temporal yet. */
  pending: number;
  /** Started in Temporal. */
  runs: number;
  /** Those of them that have not ended. Temporal counts them with a short delay. */
  openRuns: number;
}

/** An event in the inbox. */
export interface StoredEvent {
  id: string;
  duplicates: number;
}

/** How long events waited between their storing and the record of their runs. */
export interface Delays {
  started: number;
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
}

/** How many events are in each state. */
export type States = Record<string, number>;

/** `eventsOf`, `delaysOf` and `statesOf` ask about the events whose ids begin with `prefix`. */
export type Question = { about: 'progress' } | { about: 'eventsOf' | 'delaysOf' | 'statesOf'; prefix: string };

/** `kait up` with the benchmark's Temporal: receiver, dispatcher and worker in one process. */
await runChildProgram(async () => {
  const config = loadConfig(process.env);
  const log = processLog(config.logLevel);
  const { signal } = new AbortController();
  if (config.temporal.kind !== 'cluster') throw new Error('TEMPORAL_ADDRESS must name the benchmark’s server');
  const kait = await composeAll({ config, log, report: (line) => log.info(line), signal });
  const progress = async (): Promise<Progress> => {
    const sql = `select count(*)::int as stored, (count(*) filter (where state = 'pending'))::int as pending,
      (select count(*)::int from runs) as runs from events`;
    const [counts] = await kait.database.run<Omit<Progress, 'openRuns'>>('bench-progress', sql, []);
    const { count } = await kait.temporal.client.workflow.count(
      `TaskQueue = '${kait.installation}' and ExecutionStatus = 'Running'`,
    );
    return { ...counts!, openRuns: count }; // A count is always one row.
  };
  const eventsOf = (prefix: string): Promise<StoredEvent[]> => {
    const sql = `select event_id as id, duplicates from events where starts_with(event_id, $1)`;
    return kait.database.run<StoredEvent>('bench-events', sql, [prefix]);
  };
  const delaysOf = async (prefix: string): Promise<Delays> => {
    const sql = `select count(*)::int as started,
      coalesce(percentile_cont(0.5) within group (order by ms), 0)::float8 as "p50Ms",
      coalesce(percentile_cont(0.99) within group (order by ms), 0)::float8 as "p99Ms",
      coalesce(max(ms), 0)::float8 as "mostMs"
      from (select extract(epoch from runs.started_at - events.received_at) * 1000 as ms
        from events join runs on runs.event = events.id
        where starts_with(event_id, $1) and event_id not like '%\\_poison:succeeded') as delays`;
    const [delays] = await kait.database.run<Delays>('bench-delays', sql, [prefix]);
    return delays!; // A count is always one row.
  };
  const statesOf = async (prefix: string): Promise<States> => {
    const sql = `select state, count(*)::int as events from events where starts_with(event_id, $1) group by state`;
    const rows = await kait.database.run<{ state: string; events: number }>('bench-states', sql, [prefix]);
    return Object.fromEntries(rows.map(({ state, events }) => [state, events]));
  };
  const answers = { eventsOf, delaysOf, statesOf };
  return {
    ready: { url: kait.server.url },
    answer: (question: Question) =>
      question.about === 'progress' ? progress() : answers[question.about](question.prefix),
    stop: () => kait.stop(),
  };
});
