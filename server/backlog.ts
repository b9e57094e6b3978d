import { blamesOneItem } from '../storage/blames-one-item.ts';
import type { Database } from '../storage/database.ts';
import { blamedPauseMs, mostBlames } from '../storage/start-verdict.ts';
import { storableReason } from '../storage/storable-reason.ts';
import { claimEvents } from './claim-events.ts';
import type { DispatchOutcome, StartedRun } from './dispatch-event.ts';
import { createGroupCommit } from './group-commit.ts';
import { isClaimed, readRows, type ClaimedEvent, type ReadData, type UnreadableRow } from './read-claimed.ts';

/** `more`: the inbox may hold more events that can be claimed now. */
export interface ClaimedBatch {
  events: ClaimedEvent[];
  more: boolean;
}

/** The dispatcher's view of the inbox: pending events and their outcomes. */
export interface Backlog {
  /**
   * Claims some of the `count` oldest pending events: the first of them, and as many others as have small enough bodies. Skips events that
   * another process has claimed, those on hold and those that are suspended. Events that failed before get a quarter of the places, unless
   * there are no others. With `spread`, half of them are the newest, or begin anywhere in the backlog, so that it does not depend on the
   * oldest alone.
   */
  claim(wanted: { count: number; spread?: boolean }): Promise<ClaimedBatch>;
  /** Records that runs of the event are about to be started. Resolves once that is committed. */
  begin(claimed: ClaimedEvent): Promise<void>;
  /** Records the event's runs and its new state. */
  finish(claimed: ClaimedEvent, outcome: Finished): Promise<void>;
  /** Records the event's runs, and why it has to wait for another try. */
  suspend(claimed: ClaimedEvent, why: { reason: string; runs: StartedRun[]; forMs: number }): Promise<void>;
  /** Frees claims at once, for the next process that polls. */
  giveBack(claimed: ClaimedEvent[]): Promise<void>;
  /** The number of pending events, counted up to 100,000. */
  size(): Promise<number>;
}

export type Finished = Extract<DispatchOutcome, { kind: 'done' | 'refused' | 'waiting' }>;

interface FinishedRow {
  id: number;
  refused: boolean;
  /** Refused, and trying again would not help. */
  certain: boolean;
  /** Whether a run or a fetch was started for it, now or before. */
  dispatched: boolean;
  error: string | null;
  /** The files with mistakes that it waits for. Null: none. */
  waits_for: string[] | null;
  /** Whether a run of it was told to wait for its turn. It may have the turn by now. */
  queued: boolean;
  runs: { workflow_id: string; definition: string; definition_hash: string; in_doubt_since: string | null }[];
  /** Whether it is known which of its runs have been started. */
  ended: boolean;
}

const giveBackSql = `update events set claimed_until = null where state = 'pending' and id = any($1::bigint[])`;

/** A start that a process has left behind is repeated, but stays as old as it is: the run that it may have started gets no younger. */
const beginSql = `
  insert into starts (event, begun_at) select distinct id, now() from unnest($1::bigint[]) as row (id)
  on conflict (event) do nothing`;

/** Inserts the runs of the rows in the parameter. */
const insertRunsSql = `
    insert into runs (workflow_id, event, definition, definition_hash, started_at, in_doubt)
    select run.workflow_id, row.id, run.definition, run.definition_hash, coalesce(run.in_doubt_since, now()), run.in_doubt_since is not null
    from json_to_recordset($1::json) as row (id bigint, runs json), json_to_recordset(row.runs)
      as run (workflow_id text, definition text, definition_hash text, in_doubt_since timestamptz)
    on conflict (workflow_id) do update set started_at = excluded.started_at, definition_hash = excluded.definition_hash,
      in_doubt = excluded.in_doubt
      where runs.started_at is null`;

const suspendSql = `
  with started as (${insertRunsSql}), ended as (
    delete from starts where event = (($1::json)->0->>'id')::bigint and (($1::json)->0->>'ended')::bool
  )
  update events set claimed_until = now() + $3 * interval '1 millisecond', last_error = $2
  where state = 'pending' and id = (($1::json)->0->>'id')::bigint`;

/**
 * Names the ids as an array too: PostgreSQL expects a hundred rows of the parameter, and would rather read all of a middling table than look
 * them up. `attempts` counts refusals. A refused event stays claimed for a while, so that polling finds it again after that.
 */
const finishSql = `
  with finished as (
    select * from json_to_recordset($1::json)
      as row (id bigint, refused boolean, certain boolean, dispatched boolean, error text, waits_for text[], queued boolean, ended boolean)
  ), in_turn as materialized (
    -- Locked, so that a turn which is given at the same moment is seen here, or makes the event pending afterwards.
    select event, state from turns
    where event = any (array(select id from finished where queued))
      and (state in ('queued', 'ready') or (state = 'holding'
        -- Of several definitions, another one's run may have started already.
        and not exists (select from runs where runs.workflow_id = turns.workflow_id and runs.started_at is not null)
        and workflow_id <> all (array(
          select run.workflow_id from json_to_recordset($1::json) as row (runs json), json_to_recordset(row.runs) as run (workflow_id text)))))
    order by workflow_id for share
  ), started as (${insertRunsSql}), ended as (
    delete from starts where event = any (array(select id from finished where ended))
  )
  update events set
    state = case
      when finished.waits_for is not null then 'waiting'
      when finished.queued and not finished.refused then case
        -- The turn was given, taken away or passed over since it was asked for: asking again tells.
        when (select bool_and(in_turn.state <> 'holding') from in_turn where in_turn.event = events.id) then 'queued'
        else 'pending' end
      when not finished.refused then case when finished.dispatched then 'dispatched' else 'ignored' end
      when finished.certain or attempts + 1 >= ${mostBlames} then 'failed'
      else 'pending' end,
    attempts = attempts + finished.refused::int,
    claimed_until = case when finished.refused and not finished.certain then now() + interval '${blamedPauseMs} milliseconds' end,
    last_error = finished.error, waits_for = finished.waits_for
  from finished where events.id = finished.id and events.id = any (array(select id from finished))
    -- A process whose claim has run out may be later than the one that has dispatched the event since.
    and events.state = 'pending'
  returning events.id`;

/** `random` is uniform in [0, 1). */
export function createBacklog(deps: { database: Database; readData: ReadData; random: () => number }): Backlog {
  const { database } = deps;
  const finish = grouped<FinishedRow>((rows) => database.run('inbox-finish', finishSql, [JSON.stringify(rows)]));
  const begin = grouped<number>((rowIds) => database.run('inbox-begin', beginSql, [`{${rowIds.join(',')}}`]));

  return {
    async claim({ count, spread = false }) {
      const { rows, more } = await claimEvents(deps, { count, spread });
      const read = await readRows(rows, deps.readData);
      const unreadable = read.filter((row): row is UnreadableRow => !isClaimed(row));
      await Promise.allSettled(
        unreadable.map(({ rowId, error, waitsFor, certain }) =>
          finish({
            ...{ id: rowId, refused: true, certain, dispatched: false },
            ...{ error: storableReason(error), waits_for: waitsFor, queued: false, runs: [], ended: false },
          }),
        ),
      );
      return { events: read.filter(isClaimed), more };
    },
    async begin({ rowId }) {
      await begin(rowId);
    },
    async finish(claimed, outcome) {
      const doubtful = outcome.kind === 'refused' ? (outcome.doubtful ?? []) : [];
      const isHanded = outcome.kind === 'done' && (outcome.handed ?? 0) > 0;
      const hasRun = isHanded || outcome.runs.length > 0 || claimed.runs.some(({ started }) => started);
      const reason = outcome.kind !== 'done' ? outcome.reason : hasRun ? undefined : outcome.ignored;
      await finish({
        id: claimed.rowId,
        refused: outcome.kind === 'refused',
        certain: outcome.kind === 'refused' && outcome.certain === true,
        dispatched: hasRun || (outcome.kind === 'done' && outcome.fetching === true),
        error: reason === undefined ? null : storableReason(reason),
        waits_for: outcome.kind === 'waiting' ? outcome.waitsFor : null,
        queued: outcome.kind === 'done' && (outcome.queued ?? 0) > 0,
        runs: [...outcome.runs.map((run) => runRow(run)), ...doubtful.map((run) => runRow(run, claimed.doubtfulSince))],
        ended: isKnown(claimed, outcome) || doubtful.length > 0,
      });
    },
    async suspend({ rowId, startLeft }, { reason, runs, forMs }) {
      const row = JSON.stringify([{ id: rowId, runs: runs.map((run) => runRow(run)), ended: !startLeft }]);
      await database.run('inbox-suspend', suspendSql, [row, storableReason(reason), forMs]);
    },
    async giveBack(claimed) {
      if (claimed.length === 0) return;
      const ids = claimed.map(({ rowId }) => rowId);
      await database.run('inbox-give-back', giveBackSql, [`{${ids.join(',')}}`]);
    },
    size: () => countPending(database, 100_000),
  };
}

/** Items that come at the same time share a commit. */
function grouped<Item>(commit: (items: Item[]) => Promise<unknown>): (item: Item) => Promise<true> {
  return createGroupCommit<Item, true>({
    commit: async (items) => {
      await commit(items);
      return items.map(() => true);
    },
    blamesOneItem,
    most: { items: 256, bytes: Infinity },
    concurrency: 1,
    limit: 10_000,
  });
}

/** Only a repetition tells the outcome of a start that a process has left behind: no failure, and no definition that is gone or faulty. */
function isKnown({ startLeft, doubtfulSince }: ClaimedEvent, { kind, runs }: Finished): boolean {
  return !startLeft || (kind === 'done' && runs.length > 0 && doubtfulSince === null);
}

function runRow(
  { workflowId, definition, definitionHash }: StartedRun,
  inDoubtSince: string | null = null,
): FinishedRow['runs'][number] {
  return { workflow_id: workflowId, definition, definition_hash: definitionHash, in_doubt_since: inDoubtSince };
}

/** Counts the events that wait for Temporal, up to `atMost`. */
export async function countPending(database: Database, atMost: number): Promise<number> {
  const sql = `select count(*) as count from (select 1 from events where state = 'pending' limit $1) as pending`;
  const [row] = await database.run<{ count: string | number }>('inbox-size', sql, [atMost]);
  return Number(row?.count ?? 0);
}
