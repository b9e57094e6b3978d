import type { Config } from '../../config.ts';
import { lockDataFolder } from '../../embedded/data-folder.ts';
import type { Database } from '../../storage/database.ts';
import { appliedMigrations, migrateProject, migrationState } from '../../storage/project/migrate-project.ts';
import { byOrder, type Migration, readMigrations } from '../../storage/project/read-migrations.ts';
import { openDatabase } from '../compose/open-database.ts';
import { processLog } from '../log.ts';
import { table } from '../terminal.ts';

export interface MigrateOptions {
  /** Only show what was applied and what is pending. */
  list?: boolean;
}

/**
 * `kait migrate`: applies the project's pending migrations, and prints a line for each. Waits until PostgreSQL is reachable. `note` receives
 * what the operator should know besides. Throws `KAIT_DATA_FOLDER_IN_USE` if the database is one that a running Kait has embedded: that
 * applies them itself.
 */
export async function runMigrate(
  config: Config,
  { list = false }: MigrateOptions,
  { print, note }: { print: (line: string) => void; note: (line: string) => void },
): Promise<void> {
  const migrations = await readMigrations(config.migrations);
  await withDatabase(config, async (database) => {
    if (list) {
      print(await overview(database, migrations));
      return;
    }
    const { applied, role, granted } = await migrateProject(database, migrations, (name) => print(`applied ${name}`));
    if (applied.length === 0)
      print(migrations.length === 0 ? `no migrations in ${config.migrations}` : 'nothing to apply');
    if (!granted) note(rightsNote(role));
  });
}

async function withDatabase(config: Config, work: (database: Database) => Promise<void>): Promise<void> {
  const lock = config.database.url === null ? await lockDataFolder(config.home) : null;
  try {
    const log = processLog(config.logLevel);
    const database = await openDatabase({ config, log, signal: new AbortController().signal, report: () => undefined });
    try {
      await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await lock?.release();
  }
}

async function overview(database: Database, migrations: readonly Migration[]): Promise<string> {
  await migrationState(database, migrations); // Fails if there is more to say than what is pending.
  const applied = new Map((await appliedMigrations(database)).map(({ name, appliedAt }) => [name, appliedAt]));
  const names = [...new Set([...applied.keys(), ...migrations.map(({ name }) => name)])].sort(byOrder);
  const known = new Set(migrations.map(({ name }) => name));
  return table(
    ['MIGRATION', 'APPLIED'],
    names.map((name) => [
      name,
      `${applied.get(name)?.toISOString() ?? 'pending'}${known.has(name) ? '' : ', by a newer version'}`,
    ]),
  );
}

function rightsNote(role: string): string {
  const name = `"${role.replaceAll('"', '""')}"`;
  return `Activities have all rights of the database's user, because it may not create the role ${role}. To give them the rows of the project's tables only, run this as an administrator, and then "kait migrate" again:
  create role ${name} nologin; grant ${name} to <the user in DATABASE_URL>;`;
}
