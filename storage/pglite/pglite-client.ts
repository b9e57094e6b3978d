import type { PGlite, Transaction } from '@electric-sql/pglite';

/** What Kait needs of PGlite, whether it runs in this thread or in one of its own. */
export interface PGliteClient {
  query: PGlite['query'];
  /** Statements and transactions take turns in the order in which they were asked for. */
  transaction<Result>(work: (transaction: Pick<Transaction, 'query'>) => Promise<Result>): Promise<Result>;
  /** Waits for what was asked for before. */
  close(): Promise<void>;
}
