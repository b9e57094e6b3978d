import { and, eq, sql } from 'drizzle-orm';
import type { Queries } from '../database.ts';
import { deliveries, type EndpointState, type ParkedBecause } from '../schema.ts';

/** Temporal needs this long to learn that an activity has ended, and refuses to start it again until then. */
export const settleMs = 2_000;

/** Why nothing goes to an endpoint now, whatever it is. Null: something may. */
export function closedBecause(
  { state, openUntil }: { state: EndpointState; openUntil: Date | null },
  now: Date,
): ParkedBecause | null {
  if (state !== 'enabled') return state;
  return openUntil !== null && openUntil > now ? 'circuit' : null;
}

/** Whether a delivery before this one has not ended that goes to the same endpoint with the same key. */
export async function isBehind(
  queries: Queries,
  { id, endpointId, orderKey, createdAt }: { id: string; endpointId: string; orderKey: string | null; createdAt: Date },
): Promise<boolean> {
  if (orderKey === null) return false;
  const earlier = sql`(${deliveries.createdAt}, ${deliveries.id}) < (${createdAt.toISOString()}::timestamptz, ${id})`;
  const sameOrder = and(eq(deliveries.endpoint, endpointId), eq(deliveries.orderKey, orderKey));
  const [found] = await queries
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(and(sameOrder, earlier, sql`${deliveries.state} in ('pending', 'started', 'parked')`))
    .limit(1);
  return found !== undefined;
}
