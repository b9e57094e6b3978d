import type { Database, Transaction } from '../database.ts';
import { KaitError } from '../../errors.ts';
import { type AppliedMigration, compareMigrations, type MigrationState } from './compare-migrations.ts';
import { prepareProject } from './prepare-project.ts';
import { projectSearchPath } from './project-schema.ts';
import type { Migration } from './read-migrations.ts';
import { runMigration } from './run-migration.ts';

/** Building an index of a large table takes its time. */
const limitMs = 24 * 60 * 60 * 1_000;
const readLimitMs = 30_000;

const appliedSql = `select name, checksum, applied_at as "appliedAt" from project_migrations`;

export interface MigrateResult {
  /** Their names. */
  applied: string[];
  /** The role whose rights activities have. */
  role: string;
  /** False if the user of the database may not create it, so that activities have that user's rights. */
  granted: boolean;
}

/**
 * Applies the pending migrations in their order, each in a transaction of its own with the project's schema as the search path. Of several
 * processes that do it at once, one applies each. Throws `KAIT_MIGRATIONS_CHANGED` before it applies anything, or `KAIT_MIGRATION_FAILED`,
 * which shows the place; that file has then changed nothing, and those before it stay. `applied` is called after each.
 */
export async function migrateProject(
  database: Database,
  migrations: readonly Migration[],
  applied: (name: string) => void = () => undefined,
): Promise<MigrateResult> {
  const names: string[] = [];
  for (;;) {
    const { next, ...role } = await database.transact((transaction) => applyNext(transaction, migrations), { limitMs });
    if (next === undefined) return { ...role, applied: names };
    names.push(next);
    applied(next);
  }
}

/** What is to be done, without doing it. Throws `KAIT_MIGRATIONS_CHANGED`. */
export async function migrationState(database: Database, migrations: readonly Migration[]): Promise<MigrationState> {
  return compareMigrations(migrations, await appliedMigrations(database));
}

/** What was applied to the database. */
export function appliedMigrations(database: Database): Promise<AppliedMigration[]> {
  return database.transact((transaction) => transaction.query<AppliedMigration>(appliedSql), { limitMs: readLimitMs });
}

/** Throws `KAIT_MIGRATIONS_PENDING`, or `KAIT_MIGRATIONS_CHANGED`. Resolves to migrations of a newer version of the project. */
export async function requireMigrated(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const { pending, newer } = await migrationState(database, migrations);
  if (pending.length === 0) return newer;
  const names = pending.map(({ name }) => `migrations/${name}`).join(', ');
  throw new KaitError(
    'KAIT_MIGRATIONS_PENDING',
    `${names} ${pending.length === 1 ? 'was' : 'were'} not applied to this database yet. Run "kait migrate" first.`,
  );
}

interface Step {
  /** What was applied; undefined if nothing was pending. */
  next: string | undefined;
  role: string;
  granted: boolean;
}

async function applyNext(transaction: Transaction, migrations: readonly Migration[]): Promise<Step> {
  // Others who migrate wait for the lock, and then see what was applied. Whoever only reads does not wait.
  await transaction.query('lock table project_migrations in share row exclusive mode');
  const { pending } = compareMigrations(migrations, await transaction.query<AppliedMigration>(appliedSql));
  const role = await prepareProject(transaction);
  const [next] = pending;
  if (next !== undefined) await applyMigration(transaction, next);
  return { ...role, next: next?.name };
}

async function applyMigration(transaction: Transaction, migration: Migration): Promise<void> {
  const [before] = await transaction.query<{ path: string; role: string }>(
    `select current_setting('search_path') as path, current_setting('role') as role`,
  );
  if (before === undefined) throw new TypeError('A statement without a condition has returned no row');
  await transaction.query(`select set_config('search_path', $1, true)`, [projectSearchPath]);
  await runMigration(transaction, migration);
  // Beyond the transaction: the file may have set them for the whole session, as a dump does.
  await transaction.query(`select set_config('role', $1, false), set_config('search_path', $2, false)`, [
    before.role,
    before.path,
  ]);
  await transaction.query('insert into project_migrations (name, checksum) values ($1, $2)', [
    migration.name,
    migration.checksum,
  ]);
}
