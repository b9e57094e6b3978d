import type { TurnEnd, TurnRules } from '../../language/turns.ts';
import type { Database, Transaction } from '../database.ts';
import type { TurnState } from '../schema.ts';
import { giveTurns } from './give-turns.ts';
import { turnLimits } from './turn-limits.ts';

const findSql = `select definition from turns where workflow_id = $1 and state in ('holding', 'blocked')`;

/** Locks the definition's row until the transaction ends. */
const lockSql = `select rules from turn_rules where definition = $1 for update`;

const readSql = `select key, state, event from turns where workflow_id = $1 and state in ('holding', 'blocked')`;
const blockSql = `update turns set state = 'blocked', at = now(), check_at = null where workflow_id = $1`;
const holderSql = `select workflow_id from turns where definition = $1 and key = $2 and state in ('holding', 'blocked')`;
const auditSql = `insert into audit (actor, action, target, reason) values ($1, 'free-key', $2, $3)`;
const removeSql = `delete from turns where workflow_id = $1`;
/** A run may end before the server has recorded that it started. Then its event is dispatched again, and must not get another turn. */
const endSql = `
  with ended as (
    update turns set state = 'ended', at = now(), check_at = null
    where workflow_id = $1
      and not exists (select from runs where runs.workflow_id = turns.workflow_id and runs.started_at is not null)
    returning workflow_id
  )
  delete from turns where workflow_id = $1 and not exists (select from ended)`;

/** The events that start no run because of one that is not true are dispatched again. */
const restoreSql = `
  with restored as (
    delete from turns where definition = $1 and because = $2::bigint and state in ('skipped', 'merged') returning event
  )
  update events set state = 'pending', claimed_until = null, last_error = null
  where id = any(array(select event from restored)) and state <> 'pending'`;

const nextSql = `
  update turns set state = 'ready', at = now() where workflow_id = (
    select workflow_id from turns where definition = $1 and key = $2 and state = 'queued' order by event limit 1)`;

/**
 * Ends the turn of a run, and gives those that follow from it, in one transaction. Safe to repeat. Resolves to false if there was nothing to end:
 * the run has no turn, or it has failed and keeps its key. `started`: false for a run that has never existed.
 */
export async function endTurn(
  database: Database,
  { workflowId, how, started = true }: { workflowId: string; how: TurnEnd; started?: boolean },
): Promise<boolean> {
  return database.transact(async (transaction) => {
    const turn = await lockTurn(transaction, workflowId);
    if (turn === null || turn.state === 'blocked') return false;
    const blocks = how === 'failed' && turn.key !== null && turn.rules.onPoison === 'block';
    if (blocks) await transaction.query(blockSql, [workflowId]);
    else await remove(transaction, workflowId, turn, started);
    if (how === 'denied') await transaction.query(restoreSql, [turn.definition, String(turn.event)]);
    await giveTurns(transaction, { ...turn, laggards: new Map() });
    return true;
  }, turnLimits);
}

/** Who frees a key, and why. */
export interface KeyRelease {
  definition: string;
  key: string;
  /** Who, as their client says. */
  actor: string;
  reason: string;
}

/**
 * Takes a key from the run that has it, whether the run goes on or has failed, and records who wanted that. Resolves to the run's workflow id, or
 * to null if no run has the key.
 */
export async function freeKey(database: Database, release: KeyRelease): Promise<string | null> {
  const { definition, key, actor, reason } = release;
  return database.transact(async (transaction) => {
    await transaction.query(lockSql, [definition]); // Before the look: the turn of the one before may be ending.
    const [holder] = await transaction.query<{ workflow_id: string }>(holderSql, [definition, key]);
    const turn = holder === undefined ? null : await lockTurn(transaction, holder.workflow_id);
    if (holder === undefined || turn === null) return null;
    await transaction.query(auditSql, [actor, holder.workflow_id, reason]);
    await remove(transaction, holder.workflow_id, turn, true);
    await giveTurns(transaction, { ...turn, laggards: new Map() });
    return holder.workflow_id;
  }, turnLimits);
}

interface LockedTurn {
  definition: string;
  rules: TurnRules;
  key: string | null;
  state: TurnState;
  event: number | string;
}

/** Null: the run has no turn, or none any more. */
async function lockTurn(transaction: Transaction, workflowId: string): Promise<LockedTurn | null> {
  const [found] = await transaction.query<{ definition: string }>(findSql, [workflowId]);
  if (found === undefined) return null;
  const [locked] = await transaction.query<{ rules: TurnRules }>(lockSql, [found.definition]);
  const [turn] = await transaction.query<Pick<LockedTurn, 'key' | 'state' | 'event'>>(readSql, [workflowId]);
  return locked === undefined || turn === undefined ? null : { ...found, ...locked, ...turn };
}

async function remove(
  transaction: Transaction,
  workflowId: string,
  { definition, key }: Pick<LockedTurn, 'definition' | 'key'>,
  started: boolean,
): Promise<void> {
  await transaction.query(started ? endSql : removeSql, [workflowId]);
  if (key !== null) await transaction.query(nextSql, [definition, key]);
}
