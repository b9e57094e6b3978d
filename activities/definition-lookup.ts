import { eq } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { definitions } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';

/** Definitions are never deleted, so what was found once need not be asked again. */
const mostKnown = 1_000;

/** Returns the lookup of a definition's name by the hash of its canonical JSON; undefined if it was never served. */
export function createDefinitionLookup(database: Database): (hash: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (hash) => {
    const before = known.get(hash);
    if (before !== undefined) return before;
    const query = () =>
      database.orm.select({ name: definitions.name }).from(definitions).where(eq(definitions.hash, hash));
    const [found] = await askDatabase(query);
    if (found !== undefined && known.size < mostKnown) known.set(hash, found.name);
    return found?.name;
  };
}
