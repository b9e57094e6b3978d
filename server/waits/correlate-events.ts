import { correlationsOf } from '../../language/correlation.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Database } from '../../storage/database.ts';
import { isForWaitSql } from '../../storage/waits/is-for-wait.ts';
import { hashOf } from '../../storage/waits/open-waits.ts';
import { createGroupCommit } from '../group-commit.ts';

/** A stored event that is being dispatched. */
export interface CorrelatedEvent {
  rowId: number;
  event: CanonicalEvent;
}

/**
 * Hands a stored event to every run that waits for it, by a row in `handovers`, and writes its keys for those that will look for it later.
 * Resolves to the number of runs once that is committed. Safe to repeat: a run gets an event once.
 */
export type Correlate = (event: CorrelatedEvent) => Promise<number>;

const shapesSql = `
  select type, paths from wait_shapes where type = any(array(select json_array_elements_text($1::json)))`;

const keysSql = `
  insert into event_keys (hash, event)
  select distinct decode(hash, 'hex'), id
  from json_to_recordset($1::json) as row (id bigint, hashes json), json_array_elements_text(row.hashes) as hash
  on conflict do nothing`;

/** Names the hashes and ids as arrays too: PostgreSQL expects thousands of rows of the parameter, and would rather read whole tables. */
const handOverSql = `
  with given as materialized (
    select distinct row.id, decode(hash, 'hex') as hash
    from json_to_recordset($1::json) as row (id bigint, hashes json), json_array_elements_text(row.hashes) as hash
  ), found as (
    select distinct waits.workflow_id, events.id as event
    from given join events on events.id = given.id join waits on waits.hash = given.hash
    where waits.hash = any(array(select hash from given)) and events.id = any(array(select id from given))
      and ${isForWaitSql} and waits.until > now() - interval '1 day'
  ), handed as (
    insert into handovers (workflow_id, event, state) select workflow_id, event, 'pending' from found order by 1, 2
    on conflict do nothing
  )
  select event, count(*) as runs from found group by event`;

/** Events that are dispatched at the same time share their statements. `handed` is called when there is something to send. */
export function createCorrelate(deps: { database: Database; handed: () => void }): Correlate {
  return createGroupCommit<CorrelatedEvent, number>({
    commit: (events) => correlate(events, deps),
    most: { items: 256, bytes: Infinity },
    concurrency: 1,
    limit: 10_000,
  });
}

/**
 * The keys are committed before waits are looked up. A step registers its wait before it looks for keys. So of a wait and an event, the one
 * that is committed last finds the other, and both may.
 */
async function correlate(
  events: CorrelatedEvent[],
  { database, handed }: Parameters<typeof createCorrelate>[0],
): Promise<number[]> {
  const types = [...new Set(events.flatMap(({ event: { type, nativeType } }) => [type, nativeType]))];
  const shapes = await database.run<{ type: string; paths: string }>('wait-shapes', shapesSql, [JSON.stringify(types)]);
  const read = shapes.map(({ type, paths }) => ({ type, paths: JSON.parse(paths) as string[] })); // As `pathListOf` wrote it.
  const rows = events
    .map(({ rowId, event }) => ({ id: rowId, hashes: correlationsOf(event, read).map(hashOf) }))
    .filter(({ hashes }) => hashes.length > 0);
  if (rows.length === 0) return events.map(() => 0);
  const values = [JSON.stringify(rows)];
  await database.run('event-keys', keysSql, values);
  const found = await database.run<{ event: number | string; runs: number | string }>('hand-over', handOverSql, values);
  if (found.length > 0) handed();
  const counts = new Map(found.map(({ event, runs }) => [Number(event), Number(runs)]));
  return events.map(({ rowId }) => counts.get(rowId) ?? 0);
}
