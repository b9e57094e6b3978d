import { readFile } from 'node:fs/promises';
import { inject } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { openPGlite } from '../../storage/open-pglite.ts';

/** An empty PGlite in memory with Kait's tables, from the snapshot that `global-setup.ts` made: a third of the time. */
export async function openTestDatabase(): Promise<Database> {
  return openPGlite({ snapshot: new Blob([await readFile(inject('databaseSnapshot'))]) });
}
