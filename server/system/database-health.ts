import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../../describe-error.ts';
import { type Database, migrationsFolder } from '../../storage/database.ts';
import { withDeadline } from '../../storage/with-deadline.ts';

/** How the database is. Null: it did not say. */
export interface DatabaseHealth {
  /** Why it did not answer. Null: it did. */
  problem: string | null;
  /** Of PostgreSQL, or of the PostgreSQL that PGlite is. */
  version: string | null;
  answeredInMs: number | null;
  bytes: number | null;
  /** `own`: those of all Kaits to this database. `open`: those of everybody to the server, which takes `most`. Null: PGlite has one. */
  connections: { own: number; open: number; most: number } | null;
  /** A transaction that stays open for long keeps old rows from being cleaned up. Null: none is open. */
  oldestTransactionSeconds: number | null;
  /** Kait's own: how many were applied, and how many this Kait knows. */
  migrations: { applied: number; known: number } | null;
  /** Those of the project. */
  projectMigrations: { applied: number; latest: string | null } | null;
}

const pingMs = 3_000;
const askMs = 5_000;

/** Never rejects. What one statement may not see, or what takes too long, is null. */
export async function databaseHealth(database: Database): Promise<DatabaseHealth> {
  const startedAt = performance.now();
  const problem = await database.ping(pingMs).then(
    () => null,
    (error: unknown) => errorText(error),
  );
  if (problem !== null) return { ...unknown, problem };
  const answeredInMs = Math.round(performance.now() - startedAt);
  const [facts, size, activity, migrations, projectMigrations] = await Promise.all([
    one<{ version: string }>(database, 'system-version', versionSql),
    one<{ bytes: number }>(database, 'system-size', sizeSql),
    database.kind === 'pglite' ? null : one<Activity>(database, 'system-activity', activitySql),
    ownMigrations(database),
    one<{ applied: number; latest: string | null }>(database, 'system-project', projectSql),
  ]);
  return {
    ...{ problem, answeredInMs, migrations, projectMigrations },
    version: facts?.version ?? null,
    bytes: size?.bytes ?? null,
    connections: activity === null ? null : { own: activity.own, open: activity.open, most: activity.most },
    oldestTransactionSeconds: activity?.oldest ?? null,
  };
}

const unknown: DatabaseHealth = {
  ...{ problem: null, version: null, answeredInMs: null, bytes: null, connections: null },
  ...{ oldestTransactionSeconds: null, migrations: null, projectMigrations: null },
};

interface Activity {
  own: number;
  open: number;
  most: number;
  oldest: number | null;
}

const versionSql = `select current_setting('server_version') as version`;
const sizeSql = 'select pg_database_size(current_database())::float8 as bytes';

/** Who may not look at the transactions of others sees none. */
const activitySql = `
  select (count(*) filter (where datname = current_database() and application_name = 'kait'))::float8 as own,
    count(*)::float8 as open, current_setting('max_connections')::float8 as most,
    (extract(epoch from now() - min(xact_start) filter (where datname = current_database() and pid <> pg_backend_pid())))::float8 as oldest
  from pg_stat_activity where backend_type = 'client backend'`;

const migrationsSql = 'select count(*)::float8 as applied from drizzle.__drizzle_migrations';
const projectSql = `
  select count(*)::float8 as applied, (array_agg(name order by applied_at desc, name desc))[1] as latest from project_migrations`;

async function ownMigrations(database: Database): Promise<DatabaseHealth['migrations']> {
  const found = await one<{ applied: number }>(database, 'system-migrations', migrationsSql);
  const known = await knownMigrations().catch(() => null);
  return found === null || known === null ? null : { applied: found.applied, known };
}

const journal = z.object({ entries: z.array(z.object({ tag: z.string() })) });

async function knownMigrations(): Promise<number> {
  const text = await readFile(join(migrationsFolder, 'meta', '_journal.json'), 'utf8');
  return journal.parse(JSON.parse(text)).entries.length;
}

async function one<Row>(database: Database, name: string, sql: string): Promise<Row | null> {
  try {
    const [row] = await withDeadline(database.run<Row>(name, sql, []), askMs, 'The database');
    return row ?? null;
  } catch {
    return null;
  }
}
