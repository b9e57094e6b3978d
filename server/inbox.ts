import type { CanonicalEvent } from '../language/event.ts';
import { blamesOneItem } from '../storage/blames-one-item.ts';
import type { Database } from '../storage/database.ts';
import { sqlStateOf } from '../storage/sql-state.ts';
import { createGroupCommit } from './group-commit.ts';
import { insertEventsSql, parametersOf, type NewEvent } from './new-event.ts';
import { replaceHeld } from './replace-held.ts';

export type StoreResult =
  /**
   * Committed now, perhaps in place of one that waited. If `claimed`, this process's dispatcher has it. If not, polling will find it,
   * at the end of its hold if it has one.
   */
  | { duplicate: false; rowId: number; claimed: boolean }
  /** Committed earlier, or by another request of the same group. */
  | { duplicate: true };

export interface Inbox {
  /**
   * Resolves when the event is on disk. Stores each (source, event id) once, forever: see {@link replaceHeld} for the one exception.
   * Rejects if the database cannot store the event, and with `QueueFullError` if too many are waiting. In both cases the gateway must
   * send it again.
   */
  store(entry: NewEvent): Promise<StoreResult>;
  /**
   * Stores all events of a webhook like `store`, together or not at all, and a body that they share once. Resolves to one result for
   * each, in their order.
   */
  storeAll(webhook: NewEvent[]): Promise<StoreResult[]>;
}

/**
 * Opens the inbox on the tables `events` and `bodies`. `wantsClaim` says whether the dispatcher has room for one more event. If so, the
 * event is stored with a claim and handed to `onStored` right after the commit.
 */
export function createInbox(deps: {
  database: Database;
  wantsClaim: () => boolean;
  /** `bytes`: the event's share of its body. `unawaited`: see `EventHistory`. */
  onStored: (rowId: number, event: CanonicalEvent, bytes: number, unawaited: boolean) => void;
  /** The most events that may wait for a commit. Default 10,000. */
  limit?: number;
}): Inbox {
  const add = createGroupCommit<NewEvent[], StoreResult[]>({
    commit: (webhooks) => commit(deps, webhooks),
    blamesOneItem,
    sizeOf,
    most: { items: 256, bytes: 4 * 1024 * 1024 },
    // PGlite runs one statement at a time. In PostgreSQL, a second transaction can begin during the first one's fsync.
    concurrency: deps.database.kind === 'pglite' ? 1 : 2,
    limit: deps.limit ?? 10_000,
  });
  async function storeAll(webhook: NewEvent[]): Promise<StoreResult[]> {
    const results = await add(webhook);
    const late = webhook.filter((entry, index) => results[index]?.duplicate === true && mayReplace(entry));
    if (late.length === 0) return results;
    const replaced = await replaceAll(deps, late);
    return webhook.map((entry, index) => replaced.get(entry) ?? results[index] ?? { duplicate: true });
  }

  return {
    storeAll,
    async store(entry) {
      const [result] = await storeAll([entry]);
      return result ?? { duplicate: true };
    },
  };
}

/** Stores events in place of those that wait under the same ids. The others are duplicates. */
async function replaceAll(deps: InboxDeps, entries: NewEvent[]): Promise<Map<NewEvent, StoreResult>> {
  const first = [...firstOfEach(entries).values()];
  const replaced = await replaceHeld(deps.database, first, deps.wantsClaim);
  const results = new Map<NewEvent, StoreResult>();
  first.forEach((entry, index) => {
    const now = replaced[index];
    if (now) results.set(entry, { duplicate: false, ...now });
  });
  await countDuplicates(
    deps.database,
    entries.filter((entry) => !results.has(entry)),
  );
  handOver(
    deps,
    first,
    first.map((entry) => results.get(entry)),
  );
  return results;
}

/** About what an event's own row takes up in a statement: 800 to 1,500 bytes with the facts of a payment. */
const rowBytes = 1_500;

function sizeOf(webhook: readonly NewEvent[]): { items: number; bytes: number } {
  const bodies = new Set(webhook.flatMap(({ body }) => ('storedAs' in body ? [] : [body])));
  const bytes = [...bodies].reduce((sum, body) => sum + body.bytes.length, webhook.length * rowBytes);
  return { items: webhook.length, bytes };
}

type InboxDeps = Parameters<typeof createInbox>[0];

const storeSql = `
  with ${insertEventsSql()}
  select id, source, event_id,
    not exists (select from wait_shapes where wait_shapes.type in (inserted.type, inserted.native_type)) as unawaited
  from inserted`;

async function commit(deps: InboxDeps, webhooks: NewEvent[][]): Promise<StoreResult[][]> {
  const first = firstOfEach(webhooks.flat());
  const { rows, values } = parametersOf([...first.values()], deps.wantsClaim);
  const inserted = await insert(deps.database, values);
  const rowIds = new Map(inserted.map((row) => [`${row.source}\n${row.event_id}`, Number(row.id)]));
  const claimed = new Map(rows.map((row) => [`${row.source}\n${row.event_id}`, row.claimed]));
  const resultOf = (entry: NewEvent): StoreResult => {
    const key = keyOf(entry.event);
    const rowId = rowIds.get(key);
    if (rowId === undefined || first.get(key) !== entry) return { duplicate: true };
    return { duplicate: false, rowId, claimed: claimed.get(key) === true };
  };
  const results = webhooks.map((entries) => entries.map(resultOf));
  await countDuplicates(
    deps.database,
    webhooks.flatMap((entries, webhook) =>
      entries.filter((entry, index) => results[webhook]?.[index]?.duplicate === true && !mayReplace(entry)),
    ),
  );
  const unawaited = new Set(inserted.filter((row) => row.unawaited).map(({ id }) => Number(id)));
  webhooks.forEach((entries, webhook) => handOver(deps, entries, results[webhook] ?? [], unawaited));
  return results;
}

interface InsertedRow {
  id: string | number;
  source: string;
  event_id: string;
  unawaited: boolean;
}

/** Two statements with the same events in another order may block each other. Once the other one is committed, its events are duplicates. */
const insertAttempts = 3;

async function insert(database: Database, values: unknown[]): Promise<InsertedRow[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.run<InsertedRow>('inbox-insert', storeSql, values, { urgent: true });
    } catch (error) {
      if (attempt === insertAttempts || sqlStateOf(error)?.startsWith('40') !== true) throw error;
    }
  }
}

function mayReplace({ endsHold, state }: NewEvent): boolean {
  return endsHold && state === 'pending';
}

/** The first event of each key. */
function firstOfEach(entries: readonly NewEvent[]): Map<string, NewEvent> {
  const first = new Map<string, NewEvent>();
  for (const entry of entries) if (!first.has(keyOf(entry.event))) first.set(keyOf(entry.event), entry);
  return first;
}

function keyOf(event: CanonicalEvent): string {
  return `${event.source}\n${event.id}`; // Neither contains a control character.
}

/** Of each event, so many redeliveries are kept with their time and sender. */
const mostRedeliveries = 20;

const countSql = `
  with repeated as (
    update events set duplicates = duplicates + row.times
    from json_to_recordset($1::json) as row (source text, event_id text, times int, sender text)
    where events.source = row.source and events.event_id = row.event_id
    returning events.id, events.duplicates, row.times, row.sender)
  insert into redeliveries (event, times, sender)
  select id, times, sender from repeated where duplicates - times < ${mostRedeliveries}`;

/** Counts entries that the inbox had already. The acknowledgements of the whole batch wait for it. */
async function countDuplicates(database: Database, entries: NewEvent[]): Promise<void> {
  const counts = new Map<string, { source: string; event_id: string; times: number; sender: string | null }>();
  for (const { event, sender = null } of entries) {
    const count = counts.get(keyOf(event)) ?? { source: event.source, event_id: event.id, times: 0, sender };
    counts.set(keyOf(event), { ...count, times: count.times + 1 });
  }
  if (counts.size === 0) return;
  const rows = [...counts.values()].sort((a, b) => (a.event_id < b.event_id ? -1 : 1));
  try {
    await database.run('inbox-count-duplicates', countSql, [JSON.stringify(rows)], { urgent: true });
  } catch {
    // The events are stored. A count that is too low is better than an error that makes the gateway send them again.
  }
}

function handOver(
  deps: InboxDeps,
  entries: NewEvent[],
  results: (StoreResult | undefined)[],
  unawaited: ReadonlySet<number> = new Set(),
): void {
  entries.forEach(({ event, body }, index) => {
    const result = results[index];
    if (result?.duplicate !== false || !result.claimed || 'storedAs' in body) return;
    deps.onStored(result.rowId, event, Math.ceil(body.bytes.length / entries.length), unawaited.has(result.rowId));
  });
}
