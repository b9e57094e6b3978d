import type { Database } from '../storage/database.ts';
import {
  claimedUntilSql,
  factColumnsSql,
  factValuesSql,
  insertBodiesSql,
  newBodySql,
  parametersOf,
  rowsSql,
  type NewEvent,
} from './new-event.ts';

/** What became of an event that was to replace another one. If `claimed`, this process's dispatcher has it. */
export type Replaced = { rowId: number; claimed: boolean } | null;

/**
 * Stores events in place of those that wait under the same ids, and ends the wait. One result for each; null if none waits: its hold is
 * over, or a process has claimed it. One statement, so whoever locks a row first decides: either this webhook's telling of the fact is
 * dispatched or the other one's, never both. A body whose last event was replaced is deleted. No two of the events have the same id.
 */
export async function replaceHeld(
  database: Database,
  entries: readonly NewEvent[],
  wantsClaim: () => boolean,
): Promise<Replaced[]> {
  const { rows, values } = parametersOf(entries, wantsClaim);
  const replaced = await database.run<{ id: string | number; ordinality: string | number }>(
    'inbox-replace-held',
    replaceSql,
    values,
  );
  const rowIds = new Map(replaced.map(({ id, ordinality }) => [Number(ordinality) - 1, Number(id)]));
  return rows.map(({ claimed }, index) => {
    const rowId = rowIds.get(index);
    return rowId === undefined ? null : { rowId, claimed };
  });
}

const waitsSql = `events.state = 'pending' and events.held and events.claimed_until > now()`;

const replaceSql = `
  with ${newBodySql}, waiting as (
    select events.id as event, events.body_id as old_body, row.*
    from ${rowsSql} join events on events.source = row.source and events.event_id = row.event_id
    where ${waitsSql}
    for update of events
  ), replaced as (
    update events set gateway = row.gateway, type = row.type, native_type = row.native_type, entity = row.entity, occurred_at = row.occurred_at,
      received_at = row.received_at, envelope = row.envelope, (${factColumnsSql}) = row(${factValuesSql}), body_id = coalesce(row.body_id, new_body.id), item = row.item,
      claimed_until = ${claimedUntilSql}, held = false
    from waiting as row left join new_body on new_body.number = row.body_number
    where events.id = row.event and ${waitsSql}
    returning events.id, events.body_id, row.ordinality, row.old_body
  ), inserted_bodies as (${insertBodiesSql('replaced')}
  ), deleted_bodies as (
    delete from bodies where id in (select old_body from replaced) and not exists (
      select from events
      where events.source = bodies.source and events.received_at = bodies.received_at and events.body_id = bodies.id
        and events.id not in (select id from replaced))
  )
  select id, ordinality from replaced`;
