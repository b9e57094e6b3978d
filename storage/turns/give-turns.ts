import type { TurnRules } from '../../language/turns.ts';
import type { Transaction } from '../database.ts';
import { turnLimits } from './turn-limits.ts';

/**
 * The keys of earlier events that are not dispatched yet, by their rows, as far as somebody has worked them out. Null: the event has no key, or
 * does not start a run of the definition.
 */
export type Laggards = ReadonlyMap<number, string | null>;

interface Ready {
  workflow_id: string;
  event: number | string;
  key: string | null;
}

/** Turns that are given in one transaction. Others follow. */
const mostGiven = 256;
/** Earlier events that are looked at. If there are more, whatever is behind them waits. */
const mostLaggards = 100;

const readySql = `
  select workflow_id, event, key from turns
  where definition = $1 and state = 'ready' and (not_before is null or not_before <= now())
  order by event limit ${mostGiven}`;

/** Pending events of the types that start runs of a definition, which came before `$4` and have no turn yet. */
export const laggardsSql = `
  select id from events
  where state = 'pending' and id < $4::bigint
    and (type = any(array(select json_array_elements_text($2::json))) or native_type = any(array(select json_array_elements_text($2::json))))
    and ($3::json is null or source = any(array(select json_array_elements_text($3::json))))
    and not exists (select from turns where turns.definition = $1 and turns.event = events.id)
  order by id limit ${mostLaggards}`;

const roomSql = `
  select given, (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms,
    (select count(*) from turns where turns.definition = turn_rules.definition and state = 'holding') as holding
  from turn_rules where definition = $1`;

/** Whatever state its event is in: a run of another definition may have failed to start, or have been the only one so far. */
const giveSql = `
  with mine as materialized (
    select workflow_id, event from turns
    where workflow_id = any(array(select json_array_elements_text($1::json))) order by workflow_id for update
  ), given as (
    update turns set state = 'holding', at = now(), not_before = null,
      check_at = now() + interval '${turnLimits.nextCheckMs} milliseconds'
    where workflow_id = any(array(select workflow_id from mine))
  )
  update events set state = 'pending', claimed_until = null
  where id = any(array(select event from mine)) and state <> 'pending'`;

const recordSql = `update turn_rules set given = $2::json where definition = $1`;

/**
 * Gives turns of a definition to those that are ready, in the order of their events, as far as its limits allow. One that may have to wait
 * for an earlier event which is still to be dispatched is passed over, unless `laggards` says that the event has another key. The caller has
 * locked the definition's row in `turn_rules`. Resolves to the workflow ids.
 */
export async function giveTurns(
  transaction: Transaction,
  { definition, rules, laggards }: { definition: string; rules: TurnRules; laggards: Laggards },
): Promise<Set<string>> {
  const ready = await transaction.query<Ready>(readySql, [definition]);
  const last = ready.at(-1);
  if (last === undefined) return new Set();
  const isLimited = rules.rate !== null || rules.concurrent !== null;
  const room = isLimited ? await roomFor(transaction, definition, rules) : null;
  const earlier = await laggardsBefore(transaction, definition, rules, Number(last.event));
  const mayGo = ready.filter((turn) => !mustWait(turn, earlier, laggards));
  const given = room === null ? mayGo : mayGo.slice(0, room.free);
  if (given.length === 0) return new Set();
  const ids = given.map(({ workflow_id: workflowId }) => workflowId);
  await transaction.query(giveSql, [JSON.stringify(ids)]);
  if (room?.recent) {
    const times = [...room.recent, ...given.map(() => room.nowMs)];
    await transaction.query(recordSql, [definition, JSON.stringify(times)]);
  }
  return new Set(ids);
}

interface Room {
  given: number[];
  now_ms: number | string;
  holding: number | string;
}

/** `recent`: when turns were given, as far as `rate` counts them; null without it. */
async function roomFor(
  transaction: Transaction,
  definition: string,
  { rate, concurrent }: TurnRules,
): Promise<{ free: number; recent: number[] | null; nowMs: number }> {
  const [row] = await transaction.query<Room>(roomSql, [definition]);
  if (row === undefined) return { free: 0, recent: null, nowMs: 0 };
  const nowMs = Number(row.now_ms);
  const recent = rate === null ? null : row.given.filter((at) => at > nowMs - rate.perMs);
  const free = Math.min(
    concurrent === null ? Infinity : concurrent - Number(row.holding),
    rate === null ? Infinity : rate.max - (recent?.length ?? 0),
  );
  return { free: Math.max(0, free), recent, nowMs };
}

/** The rows of earlier events that are still to be dispatched, in order. */
async function laggardsBefore(
  transaction: Transaction,
  definition: string,
  { types, sources }: TurnRules,
  event: number,
): Promise<number[]> {
  const values = [definition, JSON.stringify(types), sources === null ? null : JSON.stringify(sources), String(event)];
  const rows = await transaction.query<{ id: number | string }>(laggardsSql, values);
  return rows.map(({ id }) => Number(id));
}

/** Events without a key wait for no other. */
function mustWait({ event, key }: Ready, earlier: readonly number[], laggards: Laggards): boolean {
  if (key === null) return false;
  const before = earlier.filter((id) => id < Number(event));
  if (before.length === mostLaggards) return true;
  return before.some((id) => !laggards.has(id) || laggards.get(id) === key);
}
