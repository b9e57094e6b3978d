import type pg from 'pg';
import type { SqlValue, Transaction, TransactionLimits } from './database.ts';
import { columnParsers } from './sql-values.ts';
import { TransactionOver, watchLimits } from './transaction-stop.ts';

/** The server ends what this process can no longer end, because it hangs. */
const serverGraceMs = 1_000;
/** A connection that does not roll back within this time is closed, which rolls back too. */
const rollbackMs = 2_000;

const types = {
  getTypeParser: (oid: number) => columnParsers.get(oid) ?? ((text: string) => text),
};

/** See `Database.transact`. */
export async function transactInPostgres<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
  limits: TransactionLimits,
): Promise<Result> {
  const client = await pool.connect();
  const stop = watchLimits(limits);
  const statements = createStatements(client, limits.limitMs);
  let usable = true;
  try {
    await client.query('begin');
    const pid = await limitOnServer(statements.query, limits.limitMs + serverGraceMs);
    stop.signal.addEventListener('abort', () => {
      if (statements.running() > 0) void pool.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined);
    });
    const result = await Promise.race([work({ query: statements.query }), stop.stopped]);
    stop.signal.throwIfAborted();
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new TransactionOver(); // A statement had failed, so the server has rolled back.
    return result;
  } catch (error) {
    const rollback = { text: 'rollback', query_timeout: rollbackMs };
    usable = await client.query(rollback).then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    statements.end();
    stop.end();
    client.release(!usable);
  }
}

interface Statements {
  query: Transaction['query'];
  /** How many are under way. */
  running(): number;
  end(): void;
}

function createStatements(client: pg.PoolClient, limitMs: number): Statements {
  let running = 0;
  let isOver = false;
  return {
    async query<Row>(text: string, values: readonly SqlValue[] = []) {
      if (isOver) throw new TransactionOver();
      running += 1;
      try {
        // The simple protocol would run several statements at once.
        const statement = {
          text,
          values: [...values],
          types,
          queryMode: 'extended',
          query_timeout: limitMs + serverGraceMs,
        };
        return (await client.query(statement)).rows as Row[]; // The caller names the columns of its own statement.
      } finally {
        running -= 1;
      }
    },
    running: () => running,
    end() {
      isOver = true;
    },
  };
}

/** Returns the id of the connection's process. */
async function limitOnServer(query: Transaction['query'], limitMs: number): Promise<number> {
  const sql = `
    select pg_backend_pid() as pid, set_config('statement_timeout', $1, true),
      set_config('idle_in_transaction_session_timeout', $1, true)`;
  const [row] = await query<{ pid: number }>(sql, [String(limitMs)]);
  return row?.pid ?? 0;
}
