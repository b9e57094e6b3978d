import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { canonicalJson, type Json } from '../../language/json.ts';
import { shortened } from '../../language/printable.ts';
import { keepResultsDays } from '../../storage/retention-subjects.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import { activitiesRole, projectSearchPath } from '../../storage/project/project-schema.ts';
import { sqlStateOf } from '../../storage/sql-state.ts';
import { TransactionTimeout } from '../../storage/transaction-stop.ts';
import { activityFailure } from '../failure-types.ts';
import { createSql, type Sql } from './sql.ts';
import { SqlError } from './sql-error.ts';

/** One attempt of a step that calls an activity of the kind `database`. */
export interface DatabaseCall {
  /** The activity's name. */
  activity: string;
  /** The effect happens once for each. */
  idempotencyKey: string;
  /** As the step gave it, before any schema has changed it. */
  input: Json;
  /** How long the transaction may take. */
  limitMs: number;
  canceled: AbortSignal;
  /** The activity's own code. Whatever it throws rolls back. It must not wait for anything else on Kait's database: PGlite has one connection. */
  run: (sql: Sql) => Promise<Json>;
}

/**
 * Runs an activity in a transaction, which also stores its result under the key: the effect and its record are committed together. A
 * repeat returns the stored result, as it was valid then, and attempts at the same time wait for each other. Throws `KeyReused` if the key
 * stands for another activity or input, `TimedOut`, `SqlFailed`, `DatabaseUnavailable`, or what `run` throws.
 */
export async function runDatabaseActivity(
  { database, log }: { database: Database; log: { warn: (facts: object, message: string) => void } },
  call: DatabaseCall,
): Promise<Json> {
  const late = () => {
    log.warn({ activity: call.activity, key: call.idempotencyKey }, 'an activity used sql after its end');
  };
  let own: unknown;
  const act = async (transaction: Transaction) => {
    try {
      return await runWithSql(transaction, call, late);
    } catch (error) {
      own = error;
      throw error;
    }
  };
  try {
    return await database.transact(
      async (transaction) => {
        const claim = await claimKey(transaction, call);
        if ('stored' in claim) return claim.stored;
        await confine(transaction);
        const output = await act(transaction);
        await liftConfinement(transaction, claim);
        return await storeResult(transaction, claim, call, output);
      },
      { limitMs: call.limitMs, canceled: call.canceled },
    );
  } catch (error) {
    if (error === own) throw ownFailure(call, error);
    throw databaseFailure(call, error);
  }
}

async function runWithSql(transaction: Transaction, call: DatabaseCall, late: () => void): Promise<Json> {
  const statements = createSql(transaction, { late });
  try {
    const output = await call.run(statements.sql);
    statements.requireComplete();
    return output;
  } finally {
    statements.end();
  }
}

/** What the transaction was like before it was confined. */
interface Claim {
  transaction: string;
  searchPath: string;
  role: string;
}

const claimSql = `
  insert into activity_results (idempotency_key, activity, input_digest, check_at)
  values ($1, $2, $3, now() + interval '${keepResultsDays} days') on conflict (idempotency_key) do nothing
  returning txid_current()::text as transaction, current_setting('search_path') as "searchPath", current_setting('role') as role`;
const storedSql = `select activity, input_digest as digest, output from activity_results where idempotency_key = $1`;

/** Waits for another transaction with the same key. */
async function claimKey(
  transaction: Transaction,
  { idempotencyKey, activity, input }: DatabaseCall,
): Promise<Claim | { stored: Json }> {
  const digest = createHash('sha256').update(canonicalJson(input)).digest('hex');
  const [claim] = await transaction.query<Claim>(claimSql, [idempotencyKey, activity, digest]);
  if (claim !== undefined) return claim;
  const [known] = await transaction.query<{ activity: string; digest: string; output: Json }>(storedSql, [
    idempotencyKey,
  ]);
  if (known === undefined)
    throw activityFailure('DatabaseUnavailable', `${activity}: its stored result has just been deleted`);
  if (known.activity !== activity) throw keyReused(activity, idempotencyKey, `by the activity ${known.activity}`);
  if (known.digest !== digest) throw keyReused(activity, idempotencyKey, 'with another input');
  return { stored: known.output };
}

function keyReused(activity: string, key: string, how: string): ApplicationFailure {
  return activityFailure(
    'KeyReused',
    `${activity}: the key ${shortened(key, 300)} has been used before, ${how}. Nothing was changed. A step that does something else needs another id`,
  );
}

const confineSql = `
  select set_config('search_path', $1, true), set_config('role', coalesce((
    select rolname from pg_roles where rolname = ${activitiesRole} and pg_has_role(current_user, oid, 'member')), 'none'), true)`;

/** Gives statements the names and rights of the project only. */
async function confine(transaction: Transaction): Promise<void> {
  await transaction.query(confineSql, [projectSearchPath]);
}

async function liftConfinement(transaction: Transaction, { searchPath, role }: Claim): Promise<void> {
  await transaction.query(`select set_config('role', $1, true), set_config('search_path', $2, true)`, [
    role,
    searchPath,
  ]);
}

const storeSql = `
  update activity_results set output = $2::json where idempotency_key = $1 and txid_current()::text = $3 returning output`;

async function storeResult(
  transaction: Transaction,
  claim: Claim,
  { idempotencyKey, activity }: DatabaseCall,
  output: Json,
): Promise<Json> {
  const values = [idempotencyKey, JSON.stringify(output), claim.transaction];
  const [stored] = await transaction.query<{ output: Json }>(storeSql, values);
  if (stored === undefined) throw new TypeError(`${activity}: a statement of its own has ended its transaction`);
  return stored.output;
}

/** What the activity's own code has thrown. Nothing was committed. */
function ownFailure({ activity }: DatabaseCall, error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  if (isLost(error.code)) return unavailable(activity, error.code, 'none');
  // Class 22, data exception: no repeat can make the database hold the value, such as a NUL in a text.
  if (error.code?.startsWith('22')) return activityFailure('DatabaseRefused', `${activity}: ${error.message}`);
  return activityFailure('SqlFailed', `${activity}: ${error.message}`);
}

/** What went wrong around it. If the connection was lost during the commit, nobody knows whether it happened. */
function databaseFailure({ activity, canceled }: DatabaseCall, error: unknown): unknown {
  if (error instanceof ApplicationFailure && error === canceled.reason) return rolledBack(error);
  if (error instanceof ApplicationFailure || error instanceof TypeError || error === canceled.reason) return error;
  if (error instanceof TransactionTimeout) {
    return activityFailure('TimedOut', `${activity}: ${error.message}. It was rolled back`, { effect: 'none' });
  }
  const code = sqlStateOf(error);
  // A NUL or half a character in the key.
  if (code?.startsWith('22'))
    return activityFailure('DatabaseRefused', `${activity}: the database cannot hold a value (${code})`);
  return unavailable(activity, code, 'unknown');
}

/** Whatever stops a transaction before its commit leaves nothing behind. */
function rolledBack({ message, type, nonRetryable }: ApplicationFailure): ApplicationFailure {
  return new ApplicationFailure(message, type, nonRetryable, [{ effect: 'none' }]);
}

function unavailable(activity: string, code: string | undefined, effect: 'none' | 'unknown'): ApplicationFailure {
  return activityFailure('DatabaseUnavailable', `${activity}: the database is not available (${code ?? 'no code'})`, {
    effect,
  });
}

/** SQLSTATE classes of a server that is going away, or codes of the system. */
function isLost(code: string | undefined): boolean {
  return code === undefined || code.startsWith('08') || code.startsWith('57P') || !/^[0-9A-Z]{5}$/.test(code);
}
