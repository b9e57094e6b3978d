import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../../storage/database.ts';
import type { Installation } from '../../../storage/installation.ts';
import { audit, portalTenants } from '../../../storage/schema.ts';
import { portalToken } from './portal-token.ts';

/** The number that a tenant's links must have. */
export async function portalGeneration({ orm }: Pick<Database, 'orm'>, tenant: string): Promise<number> {
  const [row] = await orm
    .select({ generation: portalTenants.generation })
    .from(portalTenants)
    .where(eq(portalTenants.tenant, tenant));
  return row?.generation ?? 1;
}

/** Makes a link's token, and records who did. It is shown this once. */
export async function makePortalLink(
  { database: { orm }, installation }: { database: Database; installation: Installation },
  { tenant, expiresAt, actor }: { tenant: string; expiresAt: Date; actor: string },
): Promise<string> {
  return orm.transaction(async (queries) => {
    const generation = await portalGeneration({ orm: queries }, tenant);
    const reason = `until ${expiresAt.toISOString()}`;
    await queries.insert(audit).values({ actor, action: 'add-portal-link', target: `tenant ${tenant}`, reason });
    return portalToken(installation, { tenant, expiresMs: expiresAt.getTime(), generation });
  });
}

/** Revokes all links of a tenant. Servers notice within seconds. Safe to repeat. */
export async function revokePortalLinks(
  { orm }: Database,
  { tenant, actor }: { tenant: string; actor: string },
): Promise<void> {
  await orm.transaction(async (queries) => {
    await queries
      .insert(portalTenants)
      .values({ tenant, generation: 2 })
      .onConflictDoUpdate({
        target: portalTenants.tenant,
        set: { generation: sql`${portalTenants.generation} + 1` },
      });
    await queries
      .insert(audit)
      .values({ actor, action: 'revoke-portal-links', target: `tenant ${tenant}`, reason: '' });
  });
}
