import { mostDebounces, type TurnRules } from '../../language/turns.ts';
import type { Database, Transaction } from '../database.ts';
import type { TurnState } from '../schema.ts';
import { giveTurns, type Laggards } from './give-turns.ts';
import { turnLimits } from './turn-limits.ts';

/** A run that may start when it is its turn. */
export interface TurnRequest {
  workflowId: string;
  definition: string;
  /** See `turnKeyOf`. */
  key: string | null;
  /** The event's row in the inbox. */
  event: number;
  rules: TurnRules;
}

/**
 * `go`: it is its turn. `queued`: it will be, and then its event is pending again. `passed`: it starts no run, because of the event with the
 * row `because`.
 */
export type TurnAnswer =
  { kind: 'go' } | { kind: 'queued' } | { kind: 'passed'; why: 'skipped' | 'merged'; because: number };

interface Row {
  workflow_id: string;
  key: string | null;
  event: number | string;
  state: TurnState;
  because: number | string | null;
  first_at_ms: number | string;
}

interface Turn {
  workflowId: string;
  key: string | null;
  event: number;
  state: TurnState;
  because: number | null;
  firstAtMs: number;
  /** Unix ms. */
  notBeforeMs: number | null;
}

/** Locks the definition's row until the transaction ends. */
const rulesSql = `
  insert into turn_rules (definition, rules, given) values ($1, $2::json, '[]')
  on conflict (definition) do update set rules = excluded.rules
  returning (extract(epoch from clock_timestamp()) * 1000)::bigint as now_ms`;

/** Those that were asked for, the front of each of their keys, and, if `$3`, who waits behind it. */
const readSql = `
  with wanted as (
    select workflow_id, key from json_to_recordset($2::json) as row (workflow_id text, key text)
  ), found as (
    select turns.* from turns where workflow_id = any(array(select workflow_id from wanted))
    union
    select turns.* from turns
    where definition = $1 and key = any(array(select key from wanted)) and state in ('ready', 'holding', 'blocked')
    union
    select turns.* from turns
    where $3::boolean and definition = $1 and key = any(array(select key from wanted)) and state = 'queued'
  )
  select workflow_id, key, event, state, because, (extract(epoch from first_at) * 1000)::bigint as first_at_ms from found`;

/** Removed, changed and inserted in this order, so that a key never has two fronts. Events that are passed over are pending again, to be told so. */
const changeSql = `
  with locked as materialized (
    select from turns where workflow_id in (select workflow_id from json_to_recordset($1::json) as row (workflow_id text))
    order by workflow_id for update
  ), changed as (
    update turns set state = row.state, because = row.because, at = now()
    from json_to_recordset($1::json) as row (workflow_id text, state text, because bigint)
    where turns.workflow_id = row.workflow_id and (select count(*) from locked) > 0
    returning turns.event, turns.state
  )
  update events set state = 'pending', claimed_until = null
  where state = 'queued' and id = any(array(select event from changed where state in ('skipped', 'merged')))`;
const removeSql = `delete from turns where workflow_id = any(array(select json_array_elements_text($1::json)))`;
const insertSql = `
  insert into turns (workflow_id, definition, key, event, state, because, not_before, first_at, at)
  select workflow_id, $1, key, event, state, because, to_timestamp(not_before / 1000.0), to_timestamp(first_at / 1000.0), now()
  from json_to_recordset($2::json)
    as row (workflow_id text, key text, event bigint, state text, because bigint, not_before bigint, first_at bigint)`;

/** Somebody waits for them now, so Temporal is asked soon whether their runs still go on. */
const checkSoonSql = `
  update turns set check_at = now() + interval '${turnLimits.firstCheckMs} milliseconds'
  where definition = $1 and key = any(array(select json_array_elements_text($2::json))) and state = 'holding'
    and (check_at is null or check_at > now() + interval '${turnLimits.firstCheckMs} milliseconds')`;

/**
 * Takes turns for runs of events that are being dispatched. Resolves once that is committed, to an answer for each. Safe to repeat.
 * `laggards`, by definition: see {@link giveTurns}.
 */
export async function takeTurns(
  database: Database,
  requests: readonly TurnRequest[],
  laggards: ReadonlyMap<string, Laggards>,
): Promise<TurnAnswer[]> {
  const answers = new Map<string, TurnAnswer>();
  const names = [...new Set(requests.map(({ definition }) => definition))].sort();
  for (const name of names) {
    const own = requests.filter(({ definition }) => definition === name).sort((a, b) => a.event - b.event);
    const taken = await database.transact(
      (transaction) => takeOf(transaction, name, own, laggards.get(name) ?? new Map()),
      turnLimits,
    );
    for (const [workflowId, answer] of taken) answers.set(workflowId, answer);
  }
  return requests.map(({ workflowId }) => answers.get(workflowId) ?? { kind: 'queued' });
}

async function takeOf(
  transaction: Transaction,
  definition: string,
  requests: TurnRequest[],
  laggards: Laggards,
): Promise<Map<string, TurnAnswer>> {
  const rules = requests.at(-1)?.rules;
  if (rules === undefined) return new Map();
  const [locked] = await transaction.query<{ now_ms: number | string }>(rulesSql, [definition, JSON.stringify(rules)]);
  const replaces = rules.perKey === 'latest' || rules.debounceMs !== null;
  const wanted = requests.map(({ workflowId, key }) => ({ workflow_id: workflowId, key }));
  const rows = await transaction.query<Row>(readSql, [definition, JSON.stringify(wanted), String(replaces)]);
  const plan = planTurns(rows.map(turnOf), requests, rules, Number(locked?.now_ms));
  await apply(transaction, definition, plan);
  const given = await giveTurns(transaction, { definition, rules, laggards });
  return new Map(
    requests.map(({ workflowId }) => {
      const turn = plan.turns.get(workflowId);
      return [workflowId, given.has(workflowId) ? { kind: 'go' } : answerOf(turn)];
    }),
  );
}

function turnOf(row: Row): Turn {
  const { workflow_id: workflowId, key, state } = row;
  const because = row.because === null ? null : Number(row.because);
  const firstAtMs = Number(row.first_at_ms);
  return { workflowId, key, event: Number(row.event), state, because, firstAtMs, notBeforeMs: null };
}

function answerOf(turn: Turn | undefined): TurnAnswer {
  // Of a run that has ended its turn, only the record is missing: Temporal refuses to start it again.
  if (turn?.state === 'holding' || turn?.state === 'blocked' || turn?.state === 'ended') return { kind: 'go' };
  if (turn?.state === 'skipped' || turn?.state === 'merged') {
    return { kind: 'passed', why: turn.state, because: turn.because ?? turn.event };
  }
  return { kind: 'queued' };
}

interface Plan {
  /** All that are known, by workflow id, as they are to be. */
  turns: Map<string, Turn>;
  inserted: Set<string>;
  changed: Set<string>;
  removed: Set<string>;
  /** Keys for which a new run waits. */
  awaited: Set<string>;
}

const isFront = ({ state }: Turn) => state === 'ready' || state === 'holding' || state === 'blocked';
const waits = ({ state }: Turn) => state === 'ready' || state === 'queued';

/** Decides in the order of the events what becomes of each request. */
function planTurns(known: Turn[], requests: TurnRequest[], rules: TurnRules, nowMs: number): Plan {
  const turns = new Map(known.map((turn) => [turn.workflowId, turn]));
  const plan: Plan = { turns, inserted: new Set(), changed: new Set(), removed: new Set(), awaited: new Set() };
  for (const { workflowId, key, event } of requests) {
    if (turns.has(workflowId)) continue;
    const turn: Turn = { workflowId, key, event, state: 'ready', because: null, firstAtMs: nowMs, notBeforeMs: null };
    const others = key === null ? [] : [...turns.values()].filter((other) => other.key === key);
    place(turn, others, rules, nowMs, plan);
    turns.set(workflowId, turn);
    plan.inserted.add(workflowId);
  }
  return plan;
}

/** `others` have the same key. */
function place(turn: Turn, others: Turn[], rules: TurnRules, nowMs: number, plan: Plan): void {
  const change = (other: Turn, state: TurnState, because: number | null): void => {
    Object.assign(other, { state, because });
    plan.changed.add(other.workflowId);
  };
  const held = others.find(({ state }) => state === 'holding' || state === 'blocked');
  if (held?.state === 'blocked' && held.event === turn.event) {
    // An operator has the event of the failed run run again, which gets the key.
    plan.turns.delete(held.workflowId);
    plan.removed.add(held.workflowId);
    return;
  }
  const waiting = others.filter(waits);
  const newer = waiting.filter(({ event }) => event > turn.event).sort((a, b) => b.event - a.event)[0];
  const older = waiting.filter(({ event }) => event < turn.event);
  if (rules.perKey === 'skip' && held !== undefined && held.event !== turn.event) return pass('skipped', held.event);
  if (rules.perKey === 'latest' || rules.debounceMs !== null) {
    if (newer !== undefined) return pass('merged', newer.event);
    for (const each of older) {
      turn.firstAtMs = Math.min(turn.firstAtMs, each.firstAtMs);
      change(each, 'merged', turn.event);
    }
  } else if (rules.perKey === 'skip') {
    if (older[0] !== undefined) return pass('skipped', older[0].event);
    if (newer !== undefined) change(newer, 'skipped', turn.event);
  }
  if (rules.debounceMs !== null) turn.notBeforeMs = debounced(turn, rules.debounceMs, nowMs);
  const front = others.find(isFront);
  if (front === undefined) return;
  if (front.state === 'ready' && front.event > turn.event) {
    change(front, 'queued', null); // It came later, and was dispatched earlier.
    return;
  }
  turn.state = 'queued';
  if (turn.key !== null) plan.awaited.add(turn.key);

  function pass(state: 'skipped' | 'merged', because: number): void {
    Object.assign(turn, { state, because });
  }
}

function debounced({ firstAtMs }: Turn, debounceMs: number, nowMs: number): number {
  return Math.min(nowMs + debounceMs, firstAtMs + mostDebounces * debounceMs);
}

async function apply(transaction: Transaction, definition: string, plan: Plan): Promise<void> {
  const { turns, inserted, changed, removed, awaited } = plan;
  const of = (ids: Set<string>) => [...ids].flatMap((id) => turns.get(id) ?? []);
  if (removed.size > 0) await transaction.query(removeSql, [JSON.stringify([...removed])]);
  const updates = of(changed).filter(({ workflowId }) => !inserted.has(workflowId));
  if (updates.length > 0) {
    const rows = updates.map(({ workflowId, state, because }) => ({ workflow_id: workflowId, state, because }));
    await transaction.query(changeSql, [JSON.stringify(rows)]);
  }
  if (inserted.size > 0) {
    const rows = of(inserted).map(({ workflowId, key, event, state, because, notBeforeMs, firstAtMs }) => ({
      ...{ workflow_id: workflowId, key, event, state, because },
      ...{ not_before: notBeforeMs, first_at: firstAtMs },
    }));
    await transaction.query(insertSql, [definition, JSON.stringify(rows)]);
  }
  if (awaited.size > 0) await transaction.query(checkSoonSql, [definition, JSON.stringify([...awaited])]);
}
