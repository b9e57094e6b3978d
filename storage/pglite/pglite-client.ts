import type { QueryOptions, Results, Transaction } from '@electric-sql/pglite';

/** What Kait needs of PGlite, whether it runs in this thread or in one of its own. */
export interface PGliteClient {
  /** `urgent` is for the thread: see `RunOptions` of `storage/database.ts`. */
  query<Row>(sql: string, params?: unknown[], options?: QueryOptions & { urgent?: boolean }): Promise<Results<Row>>;
  /** Statements and transactions take turns in the order in which they were asked for, but for urgent ones. */
  transaction<Result>(work: (transaction: Pick<Transaction, 'query'>) => Promise<Result>): Promise<Result>;
  /** Waits for what was asked for before. */
  close(): Promise<void>;
}
