import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { packagePath } from '../package-path.ts';
import type * as schema from './schema.ts';

/** Drizzle's queries over either driver. Transaction callbacks receive it too. */
export type Queries = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open database. Only `kind` tells the drivers apart. */
export interface Database {
  kind: 'pglite' | 'postgres';
  /** Typed queries and transactions. */
  orm: Queries;
  /**
   * Runs one statement, for the hot path. PostgreSQL prepares it under `name`, so the same name must always have the same text.
   * Values are strings, numbers, booleans, null or Buffers. Columns are named as in the SQL.
   */
  run<Row>(name: string, sql: string, values: unknown[]): Promise<Row[]>;
  /** Rejects if the database does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export const migrationsFolder = packagePath('storage', 'migrations');
