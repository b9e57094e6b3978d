import type { Database } from '../../storage/database.ts';
import { factColumnsSql, factValuesSql, insertEventsSql, parametersOf, rowsSql, type NewEvent } from '../new-event.ts';
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
const unchangedSql = (id: string, state: string) => `events.id = ${id}::bigint and events.state = ${state}
    and events.reread_as is null
    and not exists (select 1 from runs where runs.event = events.id)`;

const updateSql = `
  update events set gateway = row.gateway, type = row.type, native_type = row.native_type, entity = row.entity, occurred_at = row.occurred_at,
    envelope = row.envelope, (${factColumnsSql}) = row(${factValuesSql}), state = row.state, last_error = row.last_error, attempts = 0, claimed_until = null
  from ${rowsSql}
  where ${unchangedSql('$2', '$3')}
  returning events.id`;

async function update(database: Database, row: StoredRow, entry: NewEvent): Promise<StoredReading> {
  const [rows] = parametersOf([entry], () => false).values;
  const updated = await database.run('reread-update', updateSql, [rows, row.rowId, row.state]);
  return updated.length === 0 ? 'changed' : 'stored';
}

const moveSql = `
  with moved as (
    update events set state = 'ignored', last_error = $6, reread_as = $7, claimed_until = null
    where ${unchangedSql('$4', '$5')}
    returning id
  ), ${insertEventsSql({ onlyIf: 'moved' })}
  select (select count(*) from moved) as moved, (select count(*) from inserted) as inserted`;

/** The old row stays, so that the inbox knows the old id forever, and names the new one. */
async function move(database: Database, row: StoredRow, entry: NewEvent): Promise<StoredReading> {
  const { id } = entry.event;
  const { values } = parametersOf([entry], () => false);
  const change = [row.rowId, row.state, `stored again as ${id}`, id];
  const [counts] = await database.run<{ moved: string; inserted: string }>('reread-move', moveSql, [
    ...values,
    ...change,
  ]);
  if (Number(counts?.moved) === 0) return 'changed';
  return Number(counts?.inserted) === 0 ? replaceOrLeave(database, entry) : 'stored';
}

const besideSql = `with ${insertEventsSql()} select id from inserted`;

async function storeBeside(database: Database, entry: NewEvent): Promise<StoredReading> {
  const inserted = await database.run('reread-insert', besideSql, parametersOf([entry], () => false).values);
  return inserted.length === 0 ? replaceOrLeave(database, entry) : 'stored';
}

/** The webhook that a held event waits for may be read again too. */
async function replaceOrLeave(database: Database, entry: NewEvent): Promise<StoredReading> {
  if (!entry.endsHold || entry.state !== 'pending') return 'known';
  const [replaced] = await replaceHeld(database, [entry], () => false);
  return replaced ? 'stored' : 'known';
}
