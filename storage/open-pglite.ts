import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type Database, migrationsFolder } from './database.ts';
import * as schema from './schema.ts';
import { withDeadline } from './with-deadline.ts';

/**
 * Opens (and creates and migrates) the embedded database in `folder`. PGlite does not guard it against a second process: the
 * caller holds the lock of `embedded/data-folder.ts`. With a `snapshot` of another one's
 * files instead it lives in memory, for tests.
 */
export async function openPGlite(where: { folder: string } | { snapshot: Blob }): Promise<Database> {
  const client = await PGlite.create('folder' in where ? { dataDir: where.folder } : { loadDataDir: where.snapshot });
  const orm = drizzle(client, { schema });
  await migrate(orm, { migrationsFolder });
  return {
    kind: 'pglite',
    orm,
    run: async <Row>(_name: string, sql: string, values: unknown[]) => (await client.query<Row>(sql, values)).rows,
    ping: async (timeoutMs) => {
      await withDeadline(client.query('select 1'), timeoutMs, 'PGlite');
    },
    close: () => client.close(),
  };
}
