import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import type { Database } from '../../storage/database.ts';
import { migrateProject, requireMigrated } from '../../storage/project/migrate-project.ts';
import { lacksRights } from '../../storage/project/prepare-project.ts';
import { readMigrations } from '../../storage/project/read-migrations.ts';

/**
 * Applies the project's migrations to an embedded database, which nobody else uses. PostgreSQL must have them already: throws
 * `KAIT_MIGRATIONS_PENDING` if not. `report` receives a line for each that was applied.
 */
export async function settleMigrations(deps: {
  config: Pick<Config, 'migrations'>;
  database: Database;
  log: Pick<Logger, 'warn'>;
  report: (line: string) => void;
}): Promise<void> {
  const { config, database, log, report } = deps;
  const migrations = await readMigrations(config.migrations);
  if (database.kind === 'pglite') {
    await migrateProject(database, migrations, (name) => report(`Applied migrations/${name}`));
    return;
  }
  const newer = await requireMigrated(database, migrations);
  // A project without migrations may never have run `kait migrate`.
  if (await lacksRights(database)) await migrateProject(database, migrations);
  if (newer.length > 0)
    log.warn({ migrations: newer }, 'the database has migrations of a newer version of the project');
}
