import type { CanonicalEvent } from '../language/event.ts';
import type { Database } from '../storage/database.ts';
import type { EventState } from '../storage/schema.ts';
import { createGroupCommit } from './group-commit.ts';

/** An event to store. */
export interface NewEvent {
  event: CanonicalEvent;
  /** `ignored`: no definition wants events of this type, so there is nothing to dispatch. */
  state: Extract<EventState, 'pending' | 'ignored' | 'unreadable'>;
  /** Why it is unreadable; null if it is readable. */
  lastError: string | null;
  body: Buffer;
  contentType: string;
  /** The request's headers that its source keeps. Null if it keeps none. */
  headers: Record<string, string> | null;
  /** Which event of the request's batch this is. */
  item: number;
}

export type StoreResult =
  /** Committed now. If `claimed`, this process's dispatcher has it. If not, polling will find it. */
  | { duplicate: false; rowId: number; claimed: boolean }
  /** Committed earlier, or by another request of the same group. */
  | { duplicate: true };

export interface Inbox {
  /**
   * Resolves when the event is on disk. Stores each (source, event id) once, for ever. Rejects if the database cannot store the
   * event, and with `QueueFullError` if too many are waiting. In both cases the gateway must send it again.
   */
  store(entry: NewEvent): Promise<StoreResult>;
}

/** How long a claim lasts. If a start takes longer, another process repeats it and Temporal recognizes the duplicate. */
export const claimSeconds = 30;

/**
 * Opens the inbox on the `events` table. `wantsClaim` says whether the dispatcher has room for one more event. If so, the event is
 * stored with a claim and handed to `onStored` right after the commit.
 */
export function createInbox(deps: {
  database: Database;
  wantsClaim: () => boolean;
  onStored: (rowId: number, event: CanonicalEvent) => void;
  /** The most events that may wait for a commit. Default 10,000. */
  limit?: number;
}): Inbox {
  const store = createGroupCommit<NewEvent, StoreResult>({
    commit: (entries) => commit(deps, entries),
    blamesOneItem,
    size: 256,
    // PGlite runs one statement at a time. In PostgreSQL, a second transaction can begin during the first one's fsync.
    concurrency: deps.database.kind === 'pglite' ? 1 : 2,
    limit: deps.limit ?? 10_000,
  });
  return { store };
}

type InboxDeps = Parameters<typeof createInbox>[0];

/**
 * Whether the error is about a value that the database cannot hold (SQLSTATE class 22) or a deadlock (class 40) between two groups
 * that contain the same events in a different order.
 */
function blamesOneItem(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(22|40)/.test(code);
}

const insertSql = `
  insert into events (source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, envelope, body,
    content_type, headers, item, last_error, claimed_until)
  select source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, envelope,
    decode(body, 'base64'), content_type, headers, item, last_error,
    case when claimed then now() + interval '${claimSeconds} seconds' end
  from json_to_recordset($1::json) as row (source text, event_id text, gateway text, type text, native_type text,
    entity text, occurred_at timestamptz, received_at timestamptz, state text, envelope json, body text,
    content_type text, headers json, item int, last_error text, claimed boolean)
  on conflict (source, event_id) do nothing
  returning id, source, event_id`;

async function commit(deps: InboxDeps, entries: NewEvent[]): Promise<StoreResult[]> {
  const first = new Map<string, NewEvent>();
  for (const entry of entries) if (!first.has(keyOf(entry.event))) first.set(keyOf(entry.event), entry);
  const rows = [...first.values()].map((entry) => ({ ...rowOf(entry), claimed: claims(deps, entry) }));
  const inserted = await deps.database.run<{ id: string | number; source: string; event_id: string }>(
    'inbox-insert',
    insertSql,
    [JSON.stringify(rows)],
  );
  const rowIds = new Map(inserted.map((row) => [`${row.source}\n${row.event_id}`, Number(row.id)]));
  const claimed = new Map(rows.map((row) => [`${row.source}\n${row.event_id}`, row.claimed]));
  const results = entries.map((entry): StoreResult => {
    const key = keyOf(entry.event);
    const rowId = rowIds.get(key);
    if (rowId === undefined || first.get(key) !== entry) return { duplicate: true };
    return { duplicate: false, rowId, claimed: claimed.get(key) === true };
  });
  await countDuplicates(deps.database, entries, results);
  handOver(deps, entries, results);
  return results;
}

function claims(deps: InboxDeps, entry: NewEvent): boolean {
  return entry.state === 'pending' && deps.wantsClaim();
}

function rowOf({ event, state, lastError, body, contentType, headers, item }: NewEvent) {
  return {
    source: event.source,
    event_id: event.id,
    gateway: event.gateway,
    type: event.type,
    native_type: event.nativeType,
    entity: event.entity,
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
    state,
    // `data` is computed from the body when it is needed.
    envelope: { ...event, data: undefined },
    body: body.toString('base64'),
    content_type: contentType,
    headers,
    item,
    last_error: lastError,
  };
}

function keyOf(event: CanonicalEvent): string {
  return `${event.source}\n${event.id}`; // Neither contains a control character.
}

const countSql = `
  update events set duplicates = duplicates + row.times
  from json_to_recordset($1::json) as row (source text, event_id text, times int)
  where events.source = row.source and events.event_id = row.event_id`;

async function countDuplicates(database: Database, entries: NewEvent[], results: StoreResult[]): Promise<void> {
  const counts = new Map<string, { source: string; event_id: string; times: number }>();
  entries.forEach(({ event }, index) => {
    if (results[index]?.duplicate !== true) return;
    const count = counts.get(keyOf(event)) ?? { source: event.source, event_id: event.id, times: 0 };
    counts.set(keyOf(event), { ...count, times: count.times + 1 });
  });
  if (counts.size === 0) return;
  const rows = [...counts.values()].sort((a, b) => (a.event_id < b.event_id ? -1 : 1));
  try {
    await database.run('inbox-count-duplicates', countSql, [JSON.stringify(rows)]);
  } catch {
    // The events are stored. A count that is too low is better than an error that makes the gateway send them again.
  }
}

function handOver(deps: InboxDeps, entries: NewEvent[], results: StoreResult[]): void {
  entries.forEach(({ event }, index) => {
    const result = results[index];
    if (result?.duplicate === false && result.claimed) deps.onStored(result.rowId, event);
  });
}
