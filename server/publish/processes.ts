import type { Database } from '../../storage/database.ts';
import { keepProcessesHours } from '../../storage/retention-subjects.ts';

/** What a running server or worker says about itself. */
export interface ProcessReport {
  /** Random, for as long as the process lives. */
  id: string;
  kind: 'server' | 'worker';
  /** For people: host and process id. */
  name: string;
  /** Of Kait. */
  version: string;
  follows: 'files' | 'published';
  /** The published set that it serves. Null: its folder. */
  serves: number | null;
  servesSince: Date;
  /** The newest published set that it has read and could serve. */
  ready: number | null;
  /** Why it does not serve, or could not serve, the newest set. */
  problem: string | null;
  /** What is different in it from what the set was made for, but does not keep it from serving it. */
  notes: string[];
}

export type ListedProcess = ProcessReport & { seenAt: Date };

/** A process reports every second. One that has not done so for this long does not count. */
const aliveFor = `interval '15 seconds'`;

/** Keeps the row of this process, and deletes those of processes that ended long ago. */
export async function reportProcess(database: Database, report: ProcessReport): Promise<void> {
  await database.run('process-report', reportSql, [JSON.stringify(report)]);
}

const reportSql = `
  with gone as (delete from processes where seen_at < now() - interval '${keepProcessesHours} hours')
  insert into processes (id, kind, name, version, follows, serves, serves_since, ready, problem, notes, seen_at)
  select id, kind, name, version, follows, serves, "servesSince", ready, problem, notes, now()
  from json_to_record($1::json) as row (id text, kind text, name text, version text, follows text, serves bigint,
    "servesSince" timestamptz, ready bigint, problem text, notes json)
  on conflict (id) do update set serves = excluded.serves, serves_since = excluded.serves_since,
    ready = excluded.ready, problem = excluded.problem, notes = excluded.notes, seen_at = excluded.seen_at`;

/** For a process that ends. */
export async function forgetProcess(database: Database, id: string): Promise<void> {
  await database.run('process-forget', 'delete from processes where id = $1', [id]);
}

/** Those that are running, workers last, at most 500. That one takes the definitions from its own folder is no problem before something is published. */
export async function listProcesses(database: Database): Promise<ListedProcess[]> {
  const rows = await database.run<Record<keyof ListedProcess, never>>('process-list', listSql, []);
  return rows.map((row) => ({
    ...(row as unknown as ListedProcess), // As the statement names them.
    servesSince: new Date(row.servesSince),
    seenAt: new Date(row.seenAt),
  }));
}

const listSql = `
  select id, kind, name, version, follows, serves::float8 as serves, serves_since as "servesSince",
    ready::float8 as ready, case when follows = 'published' or exists (select from published_sets) then problem end as problem,
    notes, seen_at as "seenAt"
  from processes where seen_at > now() - ${aliveFor} order by kind, name, id limit 500`;

/** What a process has to know to decide which set it reads and serves. */
export interface PublishedState {
  newest: number | null;
  /** The newest that may be served. */
  active: number | null;
  /** Whether every worker that follows what is published serves the active one. */
  workersServe: boolean;
}

export async function readState(database: Database): Promise<PublishedState> {
  const [row] = await database.run<PublishedState>('published-state', stateSql, []);
  return row ?? { newest: null, active: null, workersServe: true };
}

const stateSql = `
  select newest::float8 as newest, active::float8 as active, not exists (
    select from processes
    where kind = 'worker' and follows = 'published' and seen_at > now() - ${aliveFor}
      and coalesce(serves, 0) < sets.active) as "workersServe"
  from (select max(id) as newest, max(id) filter (where active_at is not null) as active from published_sets) as sets`;

/**
 * Lets the newest set be served if every process can: each server that follows what is published, and each worker, of which there must
 * be one. Safe to repeat, by any server. Resolves to its id if it has become active.
 */
export async function activateNewest(database: Database): Promise<number | null> {
  const [row] = await database.run<{ id: number }>('published-activate', activateSql, []);
  return row?.id ?? null;
}

const activateSql = `
  with alive as (select kind, follows, ready from processes where seen_at > now() - ${aliveFor})
  update published_sets set active_at = now()
  where id = (select max(id) from published_sets) and active_at is null
    and exists (select from alive where kind = 'worker')
    and not exists (
      select from alive
      where (kind = 'worker' or follows = 'published') and ready is distinct from published_sets.id)
  returning id::float8 as id`;

/** Why the newest set is not served yet. Null: it is, or nothing was published. */
export function waitingFor(
  { newest, active }: Pick<PublishedState, 'newest' | 'active'>,
  processes: readonly ListedProcess[],
): string | null {
  if (newest === null || newest === active) return null;
  const counted = processes.filter(({ kind, follows }) => kind === 'worker' || follows === 'published');
  if (!counted.some(({ kind }) => kind === 'worker')) return `Set ${newest} waits for a worker: none is running.`;
  const waiting = counted
    .filter(({ ready }) => ready !== newest)
    .map(({ kind, name, problem }) => `the ${kind} ${name} (${problem ?? 'it has not read it yet'})`);
  return `Set ${newest} waits for ${waiting.length === 0 ? 'a server' : waiting.join('; ')}.`;
}
