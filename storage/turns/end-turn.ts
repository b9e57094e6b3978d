import type { TurnRules } from '../../language/turns.ts';
import type { Database, Transaction } from '../database.ts';
import type { TurnState } from '../schema.ts';
import { giveTurns } from './give-turns.ts';
import { turnLimits } from './turn-limits.ts';

/** How a run gives its turn back. Only a failed one can keep its key. */
export type TurnEnd = 'waits' | 'completed' | 'failed' | 'canceled';

const findSql = `select definition from turns where workflow_id = $1 and state in ('holding', 'blocked')`;

/** Locks the definition's row until the transaction ends. */
const lockSql = `select rules from turn_rules where definition = $1 for update`;

const readSql = `select key, state from turns where workflow_id = $1 and state in ('holding', 'blocked')`;
const blockSql = `update turns set state = 'blocked', at = now(), check_at = null where workflow_id = $1`;
const removeSql = `delete from turns where workflow_id = $1`;

const nextSql = `
  update turns set state = 'ready', at = now() where workflow_id = (
    select workflow_id from turns where definition = $1 and key = $2 and state = 'queued' order by event limit 1)`;

/**
 * Ends the turn of a run, and gives those that follow from it, in one transaction. Safe to repeat, and without effect if the run has none.
 * `frees`: an operator frees a key that a failed run keeps.
 */
export async function endTurn(
  database: Database,
  { workflowId, how, frees = false }: { workflowId: string; how: TurnEnd; frees?: boolean },
): Promise<boolean> {
  return database.transact(async (transaction) => {
    const [found] = await transaction.query<{ definition: string }>(findSql, [workflowId]);
    if (found === undefined) return false;
    const { definition } = found;
    const [locked] = await transaction.query<{ rules: TurnRules }>(lockSql, [definition]);
    if (locked === undefined) return false; // Nothing deletes it.
    const [turn] = await transaction.query<{ key: string | null; state: TurnState }>(readSql, [workflowId]);
    if (turn === undefined) return false;
    if (!frees && turn.state === 'blocked') return false;
    if (how === 'failed' && !frees && turn.key !== null && locked.rules.onPoison === 'block') {
      await transaction.query(blockSql, [workflowId]);
    } else {
      await transaction.query(removeSql, [workflowId]);
      await promote(transaction, definition, turn.key);
    }
    await giveTurns(transaction, { definition, rules: locked.rules, laggards: new Map() });
    return true;
  }, turnLimits);
}

async function promote(transaction: Transaction, definition: string, key: string | null): Promise<void> {
  if (key !== null) await transaction.query(nextSql, [definition, key]);
}
