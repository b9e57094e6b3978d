import type { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type Database, migrationsFolder, type RunOptions } from './database.ts';
import { createPGlite, type PGlitePlace } from './pglite/create-pglite.ts';
import type { PGliteClient } from './pglite/pglite-client.ts';
import { startPGliteThread } from './pglite/pglite-in-thread.ts';
import { transactInPGlite } from './pglite/pglite-transaction.ts';
import * as schema from './schema.ts';
import { withDeadline } from './with-deadline.ts';

/**
 * Opens the embedded database in `folder`, creating and migrating it as needed. PGlite does not guard the folder against a second
 * process, so the caller must hold the lock from `embedded/data-folder.ts`. It has a thread of its own. With a `snapshot` of another
 * database's files, or without any, the database lives in memory, for tests, and in this thread, since nothing has to be answered meanwhile.
 */
export async function openPGlite(place: PGlitePlace): Promise<Database> {
  if (place === 'memory' || 'snapshot' in place) return databaseOver(await createPGlite(place), null);
  const { failed, ...client } = await startPGliteThread(place.folder);
  return databaseOver(client, failed);
}

async function databaseOver(client: PGliteClient, failed: Promise<never> | null): Promise<Database> {
  const orm = drizzle(client as unknown as PGlite, { schema }); // Drizzle uses nothing else of it.
  await migrate(orm, { migrationsFolder });
  return {
    kind: 'pglite',
    orm,
    run: async <Row>(_name: string, sql: string, values: unknown[], options?: RunOptions) =>
      (await client.query<Row>(sql, values, options)).rows,
    transact: (work, limits) => transactInPGlite(client, work, limits),
    ping: async (timeoutMs) => {
      await withDeadline(client.query('select 1'), timeoutMs, 'PGlite');
    },
    failed,
    close: () => client.close(),
  };
}
