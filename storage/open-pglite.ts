import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type Database, migrationsFolder } from './database.ts';
import { transactInPGlite } from './pglite-transaction.ts';
import { placePrepared, readPrepared } from './prepared-database.ts';
import * as schema from './schema.ts';
import { withDeadline } from './with-deadline.ts';

/**
 * Opens the embedded database in `folder`, creating and migrating it as needed. PGlite does not guard the folder against a second
 * process, so the caller must hold the lock from `embedded/data-folder.ts`. With a `snapshot` of another database's files, or without
 * any, the database lives in memory, for tests.
 */
export async function openPGlite(where: { folder: string } | { snapshot: Blob } | 'memory'): Promise<Database> {
  const client = await PGlite.create(await optionsOf(where));
  const orm = drizzle(client, { schema });
  await migrate(orm, { migrationsFolder });
  return {
    kind: 'pglite',
    orm,
    run: async <Row>(_name: string, sql: string, values: unknown[]) => (await client.query<Row>(sql, values)).rows,
    transact: (work, limits) => transactInPGlite(client, work, limits),
    ping: async (timeoutMs) => {
      await withDeadline(client.query('select 1'), timeoutMs, 'PGlite');
    },
    close: () => client.close(),
  };
}

/** With PostgreSQL's default, a start that recovers something sets a timer for its log that keeps the process alive for ever. */
const startParams = [...PGlite.defaultStartParams, '-c', 'log_startup_progress_interval=0'];

async function optionsOf(where: Parameters<typeof openPGlite>[0]): Promise<PGliteOptions> {
  if (where === 'memory') {
    const prepared = await readPrepared();
    return prepared === null ? { startParams } : { startParams, loadDataDir: new Blob([new Uint8Array(prepared)]) };
  }
  if ('snapshot' in where) return { loadDataDir: where.snapshot, startParams };
  await placePrepared(where.folder);
  return { dataDir: where.folder, startParams };
}
