import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import type { Database } from '../../storage/database.ts';
import { untilReachable } from './until-reachable.ts';

/**
 * Opens PostgreSQL if DATABASE_URL is set, waiting until it is reachable; else PGlite in the data folder, which must be locked. Only the one
 * that is used is loaded.
 */
export async function openDatabase(deps: {
  config: Pick<Config, 'database' | 'home'>;
  log: Logger;
  signal: AbortSignal;
  report: (line: string) => void;
}): Promise<Database> {
  const { config, log, signal, report } = deps;
  const { url, connections } = config.database;
  if (url === null) {
    report('Opening the database');
    const { openPGlite } = await import('../../storage/open-pglite.ts');
    return openPGlite({ folder: join(config.home, 'database') });
  }
  const onError = (error: Error) => {
    log.warn({ err: error }, 'PostgreSQL closed a connection');
  };
  report('Connecting to PostgreSQL');
  const { openPostgres } = await import('../../storage/open-postgres.ts');
  return untilReachable('PostgreSQL', 'DATABASE_URL', () => openPostgres(url, { connections, onError }), {
    log,
    signal,
  });
}
