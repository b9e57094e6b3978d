import { createHash } from 'node:crypto';
import { and, desc, eq, isNotNull, lt } from 'drizzle-orm';
import { canonicalJson, type Json } from '../../language/json.ts';
import type { Database } from '../../storage/database.ts';
import { mostPublishedSets } from '../../storage/retention-subjects.ts';
import { audit, publishedSets, type SetActivity } from '../../storage/schema.ts';
import type { PageRequest } from '../api/cursors.ts';
import type { SetFiles } from './set-files.ts';

/** A set of definitions that was published. */
export interface PublishedSet {
  id: number;
  /** SHA-256 (hex) of its files, and of the activities for which it was made. */
  hash: string;
  author: string;
  note: string;
  publishedAt: Date;
  /** Since when it may be served. Null: not yet, or a newer one came before. */
  activeAt: Date | null;
}

/** What makes up a set. */
export interface SetContent {
  files: SetFiles;
  activities: SetActivity[];
}

const facts = {
  id: publishedSets.id,
  hash: publishedSets.hash,
  author: publishedSets.author,
  note: publishedSets.note,
  publishedAt: publishedSets.publishedAt,
  activeAt: publishedSets.activeAt,
};

/**
 * Records a set, which is the newest from then on, and deletes very old ones. What is the newest already is not recorded again. Throws an
 * `OutdatedSetError` if it was made `from` a set that is not the newest any more; 0 stands for none.
 */
export async function recordSet(
  database: Database,
  set: SetContent & { author: string; note: string; action: 'publish' | 'rollback'; from?: number | undefined },
): Promise<{ set: PublishedSet; isNew: boolean }> {
  const { files, activities, author, note, action, from } = set;
  const content = { files, activities } as unknown as Json; // JSON schemas among them.
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  return database.orm.transaction(async (orm) => {
    // One after the other, or two that were made from the same set would both be recorded, and the change of the first be lost.
    await orm.execute('lock table published_sets in share row exclusive mode');
    const [latest] = await orm.select(facts).from(publishedSets).orderBy(desc(publishedSets.id)).limit(1);
    if (from !== undefined && from !== (latest?.id ?? 0)) throw new OutdatedSetError(latest);
    if (latest?.hash === hash) return { set: latest, isNew: false };
    const [set] = await orm.insert(publishedSets).values({ hash, files, activities, author, note }).returning(facts);
    if (set === undefined) throw new TypeError('An insert has returned nothing');
    await orm.insert(audit).values({ actor: author, action, target: `published set ${set.id}`, reason: note });
    await orm.execute(forgetOldSql);
    return { set, isNew: true };
  });
}

/** Somebody has published since a set was looked at. */
export class OutdatedSetError extends Error {
  /** Undefined: nothing was published. */
  readonly newest: PublishedSet | undefined;

  constructor(newest: PublishedSet | undefined) {
    super('The set is not the newest any more');
    this.name = 'OutdatedSetError';
    this.newest = newest;
  }
}

/** What is served stays, however old it is. */
const forgetOldSql = `
  delete from published_sets
  where id not in (select id from published_sets order by id desc limit ${mostPublishedSets})
    and id is distinct from (select max(id) from published_sets where active_at is not null)`;

/** Newest first. */
export async function listSets(database: Database, { after = null, limit }: PageRequest) {
  const rows = await database.orm
    .select(facts)
    .from(publishedSets)
    .where(after === null ? undefined : lt(publishedSets.id, Number(after[0])))
    .orderBy(desc(publishedSets.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, place: [row.id] }));
}

/** The set with this id, the newest, or the newest that may be served. Null: there is none. */
export async function readSet(
  database: Database,
  which: number | 'newest' | 'active',
): Promise<(PublishedSet & SetContent) | null> {
  const [set] = await database.orm
    .select({ ...facts, files: publishedSets.files, activities: publishedSets.activities })
    .from(publishedSets)
    .where(
      and(
        typeof which === 'number' ? eq(publishedSets.id, which) : undefined,
        which === 'active' ? isNotNull(publishedSets.activeAt) : undefined,
      ),
    )
    .orderBy(desc(publishedSets.id))
    .limit(1);
  return set ?? null;
}

/** Without its content. */
export function factsOf({ id, hash, author, note, publishedAt, activeAt }: PublishedSet): PublishedSet {
  return { id, hash, author, note, publishedAt, activeAt };
}
