import { and, eq, isNotNull, ne, or } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { deliveries, messages } from '../storage/schema.ts';

interface RetriedDelivery {
  retried: boolean;
  /** Why not. `not-kept`: it forwards a request whose body is no longer kept. */
  why: 'unknown' | 'not-refused' | 'not-kept' | null;
}

/**
 * Offers a refused delivery to Temporal again, within seconds. It goes on where its schedule is, with the same `webhook-id`. If its endpoint
 * is gone or disabled, it is refused again. For a `tenant`, there are only its own.
 */
export async function retryDelivery(
  { orm }: Database,
  id: string,
  tenant: string | null = null,
): Promise<RetriedDelivery> {
  return orm.transaction(async (queries) => {
    const [found] = await queries
      .select({ state: deliveries.state, message: deliveries.message })
      .from(deliveries)
      .where(and(eq(deliveries.id, id), tenant === null ? undefined : eq(deliveries.tenant, tenant)))
      .for('update');
    if (found === undefined) return { retried: false, why: 'unknown' };
    if (found.state !== 'refused') return { retried: false, why: 'not-refused' };
    // Retention empties forwarded requests only.
    const kept = await queries
      .select({ id: messages.id })
      .from(messages)
      .where(and(eq(messages.id, found.message), or(ne(messages.body, ''), isNotNull(messages.raw))))
      .for('update');
    if (kept.length === 0) return { retried: false, why: 'not-kept' };
    await queries
      .update(deliveries)
      .set({ state: 'pending', claimedUntil: null, blames: 0, endedAt: null })
      .where(eq(deliveries.id, id));
    return { retried: true, why: null };
  });
}
