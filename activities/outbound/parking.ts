import { and, eq, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { deliveries, endpoints, type EndpointState, type ParkedBecause } from '../../storage/schema.ts';
import { unended } from './delivery-record.ts';

/*
 * Deliveries that must not be sent now wait in the database, and nothing of Temporal waits with them. `release-parked.ts` starts them again.
 */

/** Temporal needs this long to learn that an activity has ended, and refuses to start it again until then. */
const settleMs = 2_000;

/** Parks a delivery whose activity ends now. One that has ended meanwhile stays as it is. */
export async function parkDelivery(
  queries: Queries,
  { deliveryId, because, at }: { deliveryId: string; because: ParkedBecause; at: Date },
): Promise<void> {
  const claimedUntil = new Date(at.getTime() + settleMs);
  await queries
    .update(deliveries)
    .set({ state: 'parked', parkedBecause: because, claimedUntil, dueAt: null, slotAt: null })
    .where(unended(deliveryId));
}

/** Why nothing goes to an endpoint now, whatever it is. Null: something may. */
export function closedBecause(
  { state, openUntil }: { state: EndpointState; openUntil: Date | null },
  now: Date,
): ParkedBecause | null {
  if (state !== 'enabled') return state;
  return openUntil !== null && openUntil > now ? 'circuit' : null;
}

/**
 * Lets one request through a half-open circuit. Whoever gets `true` sends it; until it has ended, or `untilMs` if its worker died, the circuit is
 * open for all others.
 */
export async function claimProbe(
  queries: Queries,
  { endpointId, now, until }: { endpointId: string; now: Date; until: Date },
): Promise<boolean> {
  const claimed = await queries
    .update(endpoints)
    .set({ openUntil: until })
    .where(and(eq(endpoints.id, endpointId), sql`${endpoints.openUntil} <= ${now.toISOString()}::timestamptz`))
    .returning({ id: endpoints.id });
  return claimed.length > 0;
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

/**
 * Reserves the next slot of an endpoint's rate limit for a delivery and resolves to its time: now or later. Slots are `1 / ratePerSecond` apart. A
 * delivery that has one keeps it.
 */
export async function reserveSlot(
  queries: Queries,
  delivery: { id: string; endpointId: string; slotAt: Date | null },
  { ratePerSecond, now }: { ratePerSecond: number; now: Date },
): Promise<Date> {
  if (delivery.slotAt !== null) return delivery.slotAt;
  const pauseMs = 1_000 / ratePerSecond;
  const from = sql`greatest(coalesce(${endpoints.nextSlotAt}, ${now.toISOString()}::timestamptz), ${now.toISOString()}::timestamptz)`;
  return queries.transaction(async (transaction) => {
    const [taken] = await transaction
      .update(endpoints)
      .set({ nextSlotAt: sql`${from} + ${pauseMs} * interval '1 millisecond'` })
      .where(eq(endpoints.id, delivery.endpointId))
      .returning({ next: endpoints.nextSlotAt });
    const next = taken?.next?.getTime() ?? now.getTime() + pauseMs;
    const slotAt = new Date(Math.max(now.getTime(), Math.round(next - pauseMs)));
    await transaction.update(deliveries).set({ slotAt }).where(unended(delivery.id));
    return slotAt;
  });
}
