import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorText } from '../describe-error.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { blamesOneItem } from '../storage/blames-one-item.ts';
import type { Database } from '../storage/database.ts';
import { AwaitedError } from './awaited-events.ts';
import type { DispatchOutcome, KnownRun, StartedRun } from './dispatch-event.ts';
import { createGroupCommit } from './group-commit.ts';
import { claimSeconds } from './new-event.ts';
import { blamedPauseMs, mostBlames } from '../storage/start-verdict.ts';
import { storableReason } from '../storage/storable-reason.ts';

/** An event that only this process works on, until its claim expires. */
export interface ClaimedEvent {
  rowId: number;
  event: CanonicalEvent;
  /** What it takes up in memory: its share of the body that it came with, as it is stored. */
  bytes: number;
  /** Its runs so far. */
  runs: KnownRun[];
  /** RFC 3339. Since then it may have runs of which `runs` knows nothing and that Temporal may have forgotten. Null: it has none. */
  doubtfulSince: string | null;
}

/** `more`: the inbox may hold more events that can be claimed now. */
export interface ClaimedBatch {
  events: ClaimedEvent[];
  more: boolean;
}

/** The dispatcher's view of the inbox: pending events and their outcomes. */
export interface Backlog {
  /**
   * Claims some of the `count` oldest pending events: the first of them, and as many others as have small enough bodies. Skips events that
   * another process has claimed, those on hold and those that are suspended. With `spread`, half of them begin anywhere in the backlog, so
   * that it does not depend on the oldest alone.
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

/**
 * A start that was begun longer ago, and whose outcome nobody recorded, is no longer repeated: Temporal keeps a run for at least a day
 * after its end, and might not recognize the repetition after that.
 */
const doubtAfterHours = 20;

interface ClaimedRow {
  id: string | number;
  gateway: string;
  envelope: Omit<CanonicalEvent, 'data'>;
  body_id: string | number;
  /** How many could have been claimed, up to the number that was asked for. */
  found: string | number;
  /** Only in the first row of each body. Null if it is no longer stored. */
  bytes: Uint8Array | null;
  content_type: string | null;
  item: number;
  begun_at: string | Date | null;
  /** Null: none. */
  runs: { workflow_id: string; definition: string; started: boolean }[] | null;
}

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
  runs: { workflow_id: string; definition: string; definition_hash: string; in_doubt_since: string | null }[];
  /** Whether it is known which of its runs have been started. */
  ended: boolean;
}

/** The most bytes of bodies that one claim reads, unless the oldest body alone has more. All of them must be read before the claim ends. */
const mostBodyBytes = 8 * 1024 * 1024;
/** Other work gets its turn after each so many bytes. */
const bytesPerTurn = 256 * 1024;

/**
 * The oldest event's body comes first, and then the others by their sizes. So a large one waits until it is the oldest, and holds up none
 * behind it. The size of a body is known without reading it.
 */
const claimSql = `
  with oldest as (
    select id, body_id from events
    where state = 'pending' and id >= $2 and (claimed_until is null or claimed_until < now())
    order by id limit $1 for update skip locked
  ), sized as (
    select oldest.body_id, min(oldest.id) as first_event, coalesce(max(octet_length(bodies.bytes)), 0) as size
    from oldest left join bodies on bodies.id = oldest.body_id
    group by oldest.body_id
  ), summed as (
    select body_id, row_number() over turn as place, sum(size) over turn as bytes from sized
    window turn as (order by first_event <> (select min(id) from oldest), size, first_event)
  ), claimed as (
    update events set claimed_until = now() + interval '${claimSeconds} seconds', held = false
    where id = any (array(
      select oldest.id from oldest join summed using (body_id) where place = 1 or bytes <= ${mostBodyBytes}))
    returning id, gateway, envelope, body_id, item
  )
  select claimed.*, bodies.content_type, (select count(*) from oldest) as found,
    (select begun_at from starts where starts.event = claimed.id and begun_at < now() - interval '${doubtAfterHours} hours') as begun_at,
    (select json_agg(json_build_object(
        'workflow_id', workflow_id, 'definition', definition, 'started', started_at is not null) order by workflow_id)
      from runs where runs.event = claimed.id) as runs,
    case when row_number() over (partition by body_id order by claimed.id) = 1 then bodies.bytes end as bytes
  from claimed left join bodies on bodies.id = claimed.body_id`;

/** Where to look from, for a claim that is spread: `$1` of the way from the oldest pending event to the newest. */
const somewhereSql = `
  select coalesce(min(id) + floor($1::float8 * (max(id) - min(id) + 1))::bigint, 0) as id from events where state = 'pending'`;

const giveBackSql = `update events set claimed_until = null where state = 'pending' and id = any($1::bigint[])`;

/** A start that a process has left behind is begun anew: Temporal recognizes a repetition. */
const beginSql = `
  insert into starts (event, begun_at) select distinct id, now() from unnest($1::bigint[]) as row (id)
  on conflict (event) do update set begun_at = excluded.begun_at`;

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
    delete from starts where event = (($1::json)->0->>'id')::bigint
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
      as row (id bigint, refused boolean, certain boolean, dispatched boolean, error text, waits_for text[], ended boolean)
  ), started as (${insertRunsSql}), ended as (
    delete from starts where event = any (array(select id from finished where ended))
  )
  update events set
    state = case
      when finished.waits_for is not null then 'waiting'
      when not finished.refused then case when finished.dispatched then 'dispatched' else 'ignored' end
      when finished.certain or attempts + 1 >= ${mostBlames} then 'failed'
      else 'pending' end,
    attempts = attempts + finished.refused::int,
    claimed_until = case when finished.refused and not finished.certain then now() + interval '${blamedPauseMs} milliseconds' end,
    last_error = finished.error, waits_for = finished.waits_for
  from finished where events.id = finished.id and events.id = any (array(select id from finished))
  returning events.id`;

/** Reads a stored body, once for all of its events. The result computes an event's `data` from its item. */
export type ReadData = (gateway: string, body: Buffer, contentType: string) => (item: number) => Json;

/** `random` is uniform in [0, 1). */
export function createBacklog(deps: { database: Database; readData: ReadData; random: () => number }): Backlog {
  const { database } = deps;
  const finish = grouped<FinishedRow>((rows) => database.run('inbox-finish', finishSql, [JSON.stringify(rows)]));
  const begin = grouped<number>((rowIds) => database.run('inbox-begin', beginSql, [`{${rowIds.join(',')}}`]));

  async function claim(count: number, from: number): Promise<ClaimedRow[]> {
    return database.run<ClaimedRow>('inbox-claim', claimSql, [count, from]);
  }

  return {
    async claim({ count, spread = false }) {
      const first = spread ? Math.ceil(count / 2) : count;
      const rows = await claim(first, 0);
      let found = foundBy(rows);
      if (spread) {
        const [somewhere] = await database.run<{ id: string | number }>('inbox-somewhere', somewhereSql, [
          deps.random(),
        ]);
        const others = await claim(count - found, Number(somewhere?.id ?? 0));
        found += foundBy(others);
        rows.push(...others);
      }
      const read = await readRows(
        rows.sort((a, b) => Number(a.id) - Number(b.id)),
        deps.readData,
      );
      const unreadable = read.filter((row): row is UnreadableRow => !isClaimed(row));
      await Promise.allSettled(
        unreadable.map(({ rowId, error, waitsFor, certain }) =>
          finish({
            ...{ id: rowId, refused: true, certain, dispatched: false },
            ...{ error: storableReason(error), waits_for: waitsFor, runs: [], ended: false },
          }),
        ),
      );
      return { events: read.filter(isClaimed), more: found === count || rows.length < found };
    },
    async begin({ rowId }) {
      await begin(rowId);
    },
    async finish(claimed, outcome) {
      const doubtful = outcome.kind === 'refused' ? (outcome.doubtful ?? []) : [];
      const hasRun = outcome.runs.length > 0 || claimed.runs.some(({ started }) => started);
      const reason = outcome.kind !== 'done' ? outcome.reason : hasRun ? undefined : outcome.ignored;
      await finish({
        id: claimed.rowId,
        refused: outcome.kind === 'refused',
        certain: outcome.kind === 'refused' && outcome.certain === true,
        dispatched: hasRun || (outcome.kind === 'done' && outcome.fetching === true),
        error: reason === undefined ? null : storableReason(reason),
        waits_for: outcome.kind === 'waiting' ? outcome.waitsFor : null,
        runs: [...outcome.runs.map((run) => runRow(run)), ...doubtful.map((run) => runRow(run, claimed.doubtfulSince))],
        ended: claimed.doubtfulSince === null || doubtful.length > 0,
      });
    },
    async suspend({ rowId }, { reason, runs, forMs }) {
      const row = JSON.stringify([{ id: rowId, runs: runs.map((run) => runRow(run)) }]);
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

/** An event whose body cannot be read again, for example because its preset is gone. It must not block the others. */
interface UnreadableRow {
  rowId: number;
  error: string;
  /** Whether it stays so. */
  certain: boolean;
  /** The files with mistakes that keep it from being read. Null: none is known. */
  waitsFor: string[] | null;
}

function isClaimed(row: ClaimedEvent | UnreadableRow): row is ClaimedEvent {
  return 'event' in row;
}

/** `rows`: those of one claim. */
function foundBy([row]: readonly ClaimedRow[]): number {
  return Number(row?.found ?? 0);
}

/** `rows` are in the order of their ids. */
async function readRows(rows: readonly ClaimedRow[], readData: ReadData): Promise<(ClaimedEvent | UnreadableRow)[]> {
  const bodies = new Map<ClaimedRow['body_id'], SharedBody>();
  const counts = new Map<ClaimedRow['body_id'], number>();
  for (const { body_id: id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  const read: (ClaimedEvent | UnreadableRow)[] = [];
  let sinceTurn = 0;
  for (const row of rows) {
    const body = bodies.get(row.body_id) ?? {
      read: once(() => readBody(row, readData)),
      bytesPerEvent: Math.ceil((row.bytes?.length ?? 0) / (counts.get(row.body_id) ?? 1)),
    };
    bodies.set(row.body_id, body);
    read.push(eventOf(row, body));
    sinceTurn += body.bytesPerEvent;
    if (sinceTurn < bytesPerTurn) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  return read;
}

interface SharedBody {
  read: () => (item: number) => Json;
  bytesPerEvent: number;
}

function readBody({ gateway, bytes, content_type: contentType }: ClaimedRow, readData: ReadData) {
  if (bytes === null) throw new BodyGoneError();
  return readData(gateway, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), contentType ?? '');
}

/** Its time was over before the event was dispatched, for example because it was redispatched at that moment. */
class BodyGoneError extends Error {
  override name = 'BodyGoneError';
  constructor() {
    super('it is no longer kept');
  }
}

function once<Result>(compute: () => Result): () => Result {
  let result: { value: Result } | undefined;
  return () => (result ??= { value: compute() }).value;
}

function eventOf(row: ClaimedRow, { read, bytesPerEvent }: SharedBody): ClaimedEvent | UnreadableRow {
  const rowId = Number(row.id);
  try {
    const runs = (row.runs ?? []).map(({ workflow_id: workflowId, ...run }) => ({ workflowId, ...run }));
    const doubtfulSince = row.begun_at === null ? null : new Date(row.begun_at).toISOString();
    return { rowId, event: { ...row.envelope, data: read()(row.item) }, bytes: bytesPerEvent, runs, doubtfulSince };
  } catch (error) {
    return {
      rowId,
      certain: error instanceof BodyGoneError,
      waitsFor: error instanceof AwaitedError ? [error.file] : null,
      error: `The stored body cannot be read: ${errorText(error)}`,
    };
  }
}
