import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { openTestDatabase } from './open-test-database.ts';
import { startPostgres } from './postgres.ts';

/** An empty database as two processes of Kait see it. */
export interface SharedDatabase {
  databases: [Database, Database];
  close: () => Promise<void>;
}

/** For `describe.each`: what must hold for PGlite must hold for PostgreSQL. */
export const bothDatabases: [name: string, open: () => Promise<SharedDatabase>][] = [
  ['PGlite', openPGlite],
  ['PostgreSQL', openPools],
];

/** PGlite belongs to one process, so the two share a connection. */
async function openPGlite(): Promise<SharedDatabase> {
  const database = await openTestDatabase();
  return { databases: [database, database], close: () => database.close() };
}

async function openPools(): Promise<SharedDatabase> {
  const server = await startPostgres({ fsync: 'off' });
  const url = await server.createDatabase('shared');
  const open = () => openPostgres(url, { connections: 4, onError: () => undefined });
  const one = await open();
  const other = await open();
  return {
    databases: [one, other],
    async close() {
      await one.close();
      await other.close();
      await server.stop();
    },
  };
}
