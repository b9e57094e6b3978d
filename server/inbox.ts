import type { CanonicalEvent } from '../language/event.ts';
import { blamesOneItem } from '../storage/blames-one-item.ts';
import type { Database } from '../storage/database.ts';
import { createGroupCommit } from './group-commit.ts';
import { insertSql, rowOf, type NewEvent } from './new-event.ts';
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
   * Resolves when the event is on disk. Stores each (source, event id) once, for ever: see {@link replaceHeld} for the one exception.
   * Rejects if the database cannot store the
   * event, and with `QueueFullError` if too many are waiting. In both cases the gateway must send it again.
   */
  store(entry: NewEvent): Promise<StoreResult>;
}

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
  return {
    async store(entry) {
      const result = await store(entry);
      if (!result.duplicate || !mayReplace(entry)) return result;
      const replaced = await replaceHeld(deps.database, rowOf(entry, deps.wantsClaim));
      if (replaced === null) await countDuplicates(deps.database, [entry]);
      else if (replaced.claimed) deps.onStored(replaced.rowId, entry.event);
      return replaced === null ? result : { duplicate: false, ...replaced };
    },
  };
}

type InboxDeps = Parameters<typeof createInbox>[0];

const storeSql = `
  ${insertSql}
  on conflict (source, event_id) do nothing
  returning id, source, event_id`;

async function commit(deps: InboxDeps, entries: NewEvent[]): Promise<StoreResult[]> {
  const first = new Map<string, NewEvent>();
  for (const entry of entries) if (!first.has(keyOf(entry.event))) first.set(keyOf(entry.event), entry);
  const rows = [...first.values()].map((entry) => rowOf(entry, deps.wantsClaim));
  const inserted = await deps.database.run<{ id: string | number; source: string; event_id: string }>(
    'inbox-insert',
    storeSql,
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
  await countDuplicates(
    deps.database,
    entries.filter((entry, index) => results[index]?.duplicate === true && !mayReplace(entry)),
  );
  handOver(deps, entries, results);
  return results;
}

function mayReplace({ endsHold, state }: NewEvent): boolean {
  return endsHold && state === 'pending';
}

function keyOf(event: CanonicalEvent): string {
  return `${event.source}\n${event.id}`; // Neither contains a control character.
}

const countSql = `
  update events set duplicates = duplicates + row.times
  from json_to_recordset($1::json) as row (source text, event_id text, times int)
  where events.source = row.source and events.event_id = row.event_id`;

/** Counts entries that the inbox had already. */
async function countDuplicates(database: Database, entries: NewEvent[]): Promise<void> {
  const counts = new Map<string, { source: string; event_id: string; times: number }>();
  for (const { event } of entries) {
    const count = counts.get(keyOf(event)) ?? { source: event.source, event_id: event.id, times: 0 };
    counts.set(keyOf(event), { ...count, times: count.times + 1 });
  }
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
