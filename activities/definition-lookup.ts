import { eq } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { definitions } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';

/** Definitions are never deleted, so what was found once need not be asked again. */
const mostKnown = 1_000;

/** Returns a check whether a definition was ever served, by the hash of its canonical JSON. */
export function createDefinitionLookup(database: Database): (hash: string) => Promise<boolean> {
  const known = new Set<string>();
  return async (hash) => {
    if (known.has(hash)) return true;
    const query = () =>
      database.orm.select({ hash: definitions.hash }).from(definitions).where(eq(definitions.hash, hash));
    const rows = await askDatabase(query);
    if (rows.length > 0 && known.size < mostKnown) known.add(hash);
    return rows.length > 0;
  };
}
