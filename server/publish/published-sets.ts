import { createHash } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import { canonicalJson } from '../../language/json.ts';
import type { Database } from '../../storage/database.ts';
import { audit, publishedSets } from '../../storage/schema.ts';

/** The texts of the files of a definitions folder by their paths in it: `workflows/paid.json`. */
export type SetFiles = Record<string, string>;

/** A set of definitions that was published. */
export interface PublishedSet {
  id: number;
  /** SHA-256 (hex) of what the files hold. */
  hash: string;
  author: string;
  note: string;
  publishedAt: Date;
}

const facts = {
  id: publishedSets.id,
  hash: publishedSets.hash,
  author: publishedSets.author,
  note: publishedSets.note,
  publishedAt: publishedSets.publishedAt,
};

/** Records a set, which is served from then on. What is served already is not recorded again. */
export async function recordSet(
  database: Database,
  { files, author, note, action }: { files: SetFiles; author: string; note: string; action: 'publish' | 'rollback' },
): Promise<{ set: PublishedSet; isNew: boolean }> {
  const hash = createHash('sha256').update(canonicalJson(files)).digest('hex');
  return database.orm.transaction(async (orm) => {
    const [latest] = await orm.select(facts).from(publishedSets).orderBy(desc(publishedSets.id)).limit(1);
    if (latest?.hash === hash) return { set: latest, isNew: false };
    const [set] = await orm.insert(publishedSets).values({ hash, files, author, note }).returning(facts);
    if (set === undefined) throw new TypeError('An insert has returned nothing');
    await orm.insert(audit).values({ actor: author, action, target: `published set ${set.id}`, reason: note });
    return { set, isNew: true };
  });
}

/** Newest first. */
export async function listSets(database: Database, limit: number): Promise<PublishedSet[]> {
  return database.orm.select(facts).from(publishedSets).orderBy(desc(publishedSets.id)).limit(limit);
}

/** The set that is served, or the one with this id. Null: there is none. */
export async function readSet(database: Database, id?: number): Promise<(PublishedSet & { files: SetFiles }) | null> {
  const [set] = await database.orm
    .select({ ...facts, files: publishedSets.files })
    .from(publishedSets)
    .where(id === undefined ? undefined : eq(publishedSets.id, id))
    .orderBy(desc(publishedSets.id))
    .limit(1);
  return set ?? null;
}

/** Null: nothing was published. */
export async function latestSetId(database: Database): Promise<number | null> {
  const [row] = await database.run<{ id: number | null }>(
    'published-latest',
    'select max(id)::float8 as id from published_sets',
    [],
  );
  return row?.id ?? null;
}
