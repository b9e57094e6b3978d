import { and, eq, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { settleMs } from '../../storage/outbound/may-send.ts';
import { deliveries, endpoints, type ParkedBecause } from '../../storage/schema.ts';
import { unended } from './delivery-record.ts';

/*
 * Deliveries that must not be sent now wait in the database, and nothing of Temporal waits with them. `release-parked.ts` starts them again.
 */

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
