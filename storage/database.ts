import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.ts';

/** PostgreSQL's dialect over either driver; also what a transaction callback receives. */
export type Queries = PgDatabase<PgQueryResultHKT, typeof schema>;

/** An open database. Which driver is behind it shows nowhere but in `kind`. */
export interface Database {
  kind: 'pglite' | 'postgres';
  /** Typed queries and transactions. */
  orm: Queries;
  /**
   * Runs one statement of fixed text, prepared under `name` where the driver can: for the hot path. Values are strings,
   * numbers, booleans, null or Buffers. Column names come back as written in SQL.
   */
  run<Row>(name: string, sql: string, values: unknown[]): Promise<Row[]>;
  /** Rejects if the database does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));
