import type { SqlValue, Transaction, TransactionLimits } from '../database.ts';
import { columnParsers } from '../sql-values.ts';
import { TransactionOver, watchLimits } from '../transaction-stop.ts';
import type { PGliteClient } from './pglite-client.ts';

const parsers = Object.fromEntries(columnParsers);

/**
 * See `Database.transact`. The limits begin when it is this transaction's turn. They end what waits for something else; nothing can end
 * a statement that runs, and the rollback waits for it.
 */
export function transactInPGlite<Result>(
  client: PGliteClient,
  work: (transaction: Transaction) => Promise<Result>,
  limits: TransactionLimits,
): Promise<Result> {
  return client.transaction(async (transaction) => {
    const stop = watchLimits(limits);
    let isOver = false;
    const query = async <Row>(sql: string, values: readonly SqlValue[] = []) => {
      if (isOver) throw new TransactionOver();
      return (await transaction.query<Row>(sql, [...values], { parsers })).rows;
    };
    try {
      stop.signal.throwIfAborted();
      const result = await Promise.race([work({ query }), stop.stopped]);
      stop.signal.throwIfAborted();
      return result;
    } finally {
      isOver = true;
      stop.end();
    }
  });
}
