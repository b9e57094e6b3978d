import type { Database } from '../../storage/database.ts';
import { columnsSql, insertSql, rowOf, type NewEvent } from '../new-event.ts';
import { replaceHeld } from '../replace-held.ts';
import type { Reading } from './read-again.ts';
import type { StoredRow } from './stored-row.ts';

/**
 * What became of a reading. `stored`: as planned. `known`: the inbox has an event of the new id already, which stays as it is.
 * `changed`: somebody else has changed the row since it was read, for example another reread.
 */
type StoredReading = 'stored' | 'known' | 'changed';

/**
 * Writes a reading in one statement, and only if the row still is as it was read and has no run. So an event is dispatched once,
 * whether this is repeated, interrupted, or done by two at once. The dispatcher finds pending events when it polls.
 */
export async function storeReading(database: Database, { row, before, entry }: Reading): Promise<StoredReading> {
  if (entry === null) return 'stored';
  if (before === null) return storeBeside(database, entry);
  return entry.event.id === row.eventId ? update(database, row, entry) : move(database, row, entry);
}

/** Whoever locks the row second finds it changed. */
const unchangedSql = `events.id = $2::bigint and events.state = $3 and events.reread_as is null
    and not exists (select 1 from runs where runs.event = events.id)`;

const updateSql = `
  update events set type = row.type, native_type = row.native_type, entity = row.entity, occurred_at = row.occurred_at,
    envelope = row.envelope, state = row.state, last_error = row.last_error, attempts = 0, claimed_until = null
  from json_to_recordset($1::json) as row (${columnsSql})
  where ${unchangedSql}
  returning events.id`;

async function update(database: Database, row: StoredRow, entry: NewEvent): Promise<StoredReading> {
  const updated = await database.run('reread-update', updateSql, valuesOf(row, entry));
  return updated.length === 0 ? 'changed' : 'stored';
}

const moveSql = `
  with moved as (
    update events set state = 'ignored', last_error = $4, reread_as = $5, claimed_until = null
    where ${unchangedSql}
    returning id
  ), inserted as (
    ${insertSql}, moved
    on conflict (source, event_id) do nothing
    returning id
  )
  select (select count(*) from moved) as moved, (select count(*) from inserted) as inserted`;

/** The old row stays, so that the inbox knows the old id for ever, and names the new one. */
async function move(database: Database, row: StoredRow, entry: NewEvent): Promise<StoredReading> {
  const { id } = entry.event;
  const values = [...valuesOf(row, entry), `stored again as ${id}`, id];
  const [counts] = await database.run<{ moved: string; inserted: string }>('reread-move', moveSql, values);
  if (Number(counts?.moved) === 0) return 'changed';
  return Number(counts?.inserted) === 0 ? replaceOrLeave(database, entry) : 'stored';
}

const besideSql = `${insertSql} on conflict (source, event_id) do nothing returning id`;

async function storeBeside(database: Database, entry: NewEvent): Promise<StoredReading> {
  const inserted = await database.run('reread-insert', besideSql, [JSON.stringify([rowOf(entry, () => false)])]);
  return inserted.length === 0 ? replaceOrLeave(database, entry) : 'stored';
}

/** The webhook that a held event waits for may be read again too. */
async function replaceOrLeave(database: Database, entry: NewEvent): Promise<StoredReading> {
  if (!entry.endsHold || entry.state !== 'pending') return 'known';
  return (await replaceHeld(
    database,
    rowOf(entry, () => false),
  )) === null
    ? 'known'
    : 'stored';
}

function valuesOf(row: StoredRow, entry: NewEvent): unknown[] {
  return [JSON.stringify([rowOf(entry, () => false)]), row.rowId, row.state];
}
