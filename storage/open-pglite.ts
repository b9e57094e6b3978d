import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { Database } from './database.ts';
import { migrationsFolder } from './migrations-folder.ts';
import * as schema from './schema.ts';
import { withDeadline } from './with-deadline.ts';

/**
 * Opens (and creates and migrates) the embedded database in `folder`; without one it lives in memory, for tests.
 * PGlite does not guard its folder against a second process: the caller holds the lock of `embedded/data-folder.ts`.
 */
export async function openPGlite(folder?: string): Promise<Database> {
  const client = await (folder === undefined ? PGlite.create() : PGlite.create(folder));
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
