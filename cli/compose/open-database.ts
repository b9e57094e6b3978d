import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import type { Database } from '../../storage/database.ts';
import { openPGlite } from '../../storage/open-pglite.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { untilReachable } from './until-reachable.ts';

/** Opens PostgreSQL if DATABASE_URL is set, waiting until it is reachable; else PGlite in the data folder, which must be locked. */
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
    return openPGlite({ folder: join(config.home, 'database') });
  }
  const onError = (error: Error) => {
    log.warn({ err: error }, 'PostgreSQL closed a connection');
  };
  report('Connecting to PostgreSQL');
  return untilReachable('PostgreSQL', 'DATABASE_URL', () => openPostgres(url, { connections, onError }), {
    log,
    signal,
  });
}
