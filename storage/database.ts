import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { packagePath } from '../package-path.ts';
import type * as schema from './schema.ts';

/** Drizzle's queries over either driver. Transaction callbacks receive it too. */
export type Queries = PgDatabase<PgQueryResultHKT, typeof schema>;

/** What a statement takes in place of `$1`, `$2`. Everything else becomes a text first: see `storage/sql-values.ts`. */
export type SqlValue = string | Uint8Array | null;

/** A transaction under way. */
export interface Transaction {
  /** Runs one statement. Rows are read as `storage/sql-values.ts` says, by either driver. Rejects once the transaction is over. */
  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
}

/** What ends a transaction before its work is done. */
export interface TransactionLimits {
  /** Rejects with a `TransactionTimeout` after this time. */
  limitMs: number;
  /** Rejects with the signal's reason. */
  canceled?: AbortSignal | undefined;
}

export interface RunOptions {
  /**
   * For a statement that an acknowledgement waits for, and whose plan does not depend on how large any table is. In PostgreSQL, it has
   * connections of its own, and a plan that is made once: see `storage/open-postgres.ts`. In PGlite, it passes the statements that wait: see
   * `storage/pglite/request-queue.ts`.
   */
  urgent?: boolean;
}

/** An open database. Only `kind` tells the drivers apart. */
export interface Database {
  kind: 'pglite' | 'postgres';
  /** Typed queries and transactions. */
  orm: Queries;
  /**
   * Runs one statement, for the hot path. PostgreSQL prepares it under `name`, so the same name must always have the same text.
   * Values are strings, numbers, booleans, null or Buffers. Columns are named as in the SQL.
   */
  run<Row>(name: string, sql: string, values: unknown[], options?: RunOptions): Promise<Row[]>;
  /**
   * Runs `work` in a transaction on one connection, and commits what it did if it resolves in time. Otherwise rolls back and rejects. If the
   * connection is lost during the commit, nobody knows whether it happened. PGlite has one connection: meanwhile, everything else waits.
   */
  transact<Result>(work: (transaction: Transaction) => Promise<Result>, limits: TransactionLimits): Promise<Result>;
  /** Rejects if the database does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /**
   * Rejects with `KAIT_DATABASE_STOPPED` if the embedded database's thread ends before `close`: nothing works any more, so the process has to
   * end. Null for a database that has no such thread.
   */
  failed: Promise<never> | null;
  /** Waits for statements under way. */
  close(): Promise<void>;
}

export const migrationsFolder = packagePath('storage', 'migrations');
