import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from '../../../storage/database.ts';
import { apiKeys, audit } from '../../../storage/schema.ts';
import type { PageRequest } from '../cursors.ts';
import type { Scope } from '../scopes.ts';
import { hashOf, newSecret } from './key-secret.ts';

/** A key, without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  scope: Scope;
  createdAt: Date;
  createdBy: string;
  /** Null: it does not expire. */
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** To some minutes. */
  lastUsedAt: Date | null;
}

const columns = {
  ...{ id: apiKeys.id, name: apiKeys.name, scope: apiKeys.scope },
  ...{ createdAt: apiKeys.createdAt, createdBy: apiKeys.createdBy, expiresAt: apiKeys.expiresAt },
  ...{ revokedAt: apiKeys.revokedAt, lastUsedAt: apiKeys.lastUsedAt },
};

/** Makes a key, and records who did. The secret is shown this once. Null: another key that is not revoked has the name. */
export async function addApiKey(
  { orm }: Database,
  wanted: { name: string; scope: Scope; expiresAt: Date | null; actor: string },
): Promise<{ key: ApiKey; secret: string } | null> {
  const { name, scope, expiresAt, actor } = wanted;
  const { id, secret } = newSecret();
  return orm.transaction(async (queries) => {
    const [key] = await queries
      .insert(apiKeys)
      .values({ id, name, scope, hash: hashOf(secret), createdBy: actor, expiresAt })
      .onConflictDoNothing()
      .returning(columns);
    if (key === undefined) return null;
    const until = expiresAt === null ? 'until it is revoked' : `until ${expiresAt.toISOString()}`;
    const reason = `API key "${name}" with the scope ${scope}, ${until}`;
    await queries.insert(audit).values({ actor, action: 'add-key', target: `API key ${id}`, reason });
    return { key, secret };
  });
}

/** Revokes a key, and records who did. Servers notice within seconds. Safe to repeat. False: there is no such key. */
export async function revokeApiKey({ orm }: Database, { id, actor }: { id: string; actor: string }): Promise<boolean> {
  return orm.transaction(async (queries) => {
    const [revoked] = await queries
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name });
    if (revoked !== undefined) {
      const reason = `API key "${revoked.name}"`;
      await queries.insert(audit).values({ actor, action: 'revoke-key', target: `API key ${id}`, reason });
      return true;
    }
    return (await queries.select({ id: apiKeys.id }).from(apiKeys).where(eq(apiKeys.id, id))).length > 0;
  });
}

/** Newest first, with those that are revoked. */
export async function listApiKeys({ orm }: Database, { after = null, limit }: PageRequest) {
  const [at = '', id = ''] = after ?? [];
  const rows = await orm
    .select({ ...columns, exactly: sql<string>`${apiKeys.createdAt}::text` })
    .from(apiKeys)
    .where(
      after === null
        ? undefined
        : sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${String(at)}::timestamptz, ${String(id)}::text)`,
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(limit);
  return rows.map(({ exactly, ...row }) => ({ ...row, place: [exactly, row.id] }));
}

/** What authentication needs of a key. Times are milliseconds since 1970. */
export interface StoredKey {
  id: string;
  name: string;
  scope: Scope;
  hash: string;
  expiresMs: number | null;
  isRevoked: boolean;
}

const findSql = `
  select id, name, scope, hash, extract(epoch from expires_at)::float8 * 1000 as "expiresMs", revoked_at is not null as "isRevoked"
  from api_keys where id = $1`;

/** One look at the primary key. */
export async function findApiKey(database: Database, id: string): Promise<StoredKey | null> {
  const [row] = await database.run<StoredKey>('api-key-find', findSql, [id]);
  return row ?? null;
}

const usedSql = `
  update api_keys set last_used_at = now()
  where id = $1 and (last_used_at is null or last_used_at < now() - interval '5 minutes')`;

export async function noteKeyUse(database: Database, id: string): Promise<void> {
  await database.run('api-key-used', usedSql, [id]);
}
