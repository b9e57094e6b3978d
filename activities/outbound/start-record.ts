import { sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { deliveries } from '../../storage/schema.ts';
import { mostBlames } from '../../storage/start-verdict.ts';
import { storableReason } from '../../storage/storable-reason.ts';
import { unended } from './delivery-record.ts';

/** Records that Temporal has a delivery. One that has ended meanwhile keeps its state, and one that is under way its last error. */
export async function markStarted(queries: Queries, deliveryId: string, at: Date): Promise<void> {
  await queries
    .update(deliveries)
    .set({
      state: 'started',
      startedAt: sql`coalesce(${deliveries.startedAt}, ${at.toISOString()}::timestamptz)`,
      dueAt: sql`coalesce(${deliveries.dueAt}, ${at.toISOString()}::timestamptz)`,
      blames: 0,
      lastError: sql`case when ${deliveries.state} = 'started' then ${deliveries.lastError} end`,
    })
    .where(unended(deliveryId));
}

/** Records why a delivery did not start, and leaves it to the recovery from then on. */
export async function suspendStart(
  queries: Queries,
  { deliveryId, reason, until }: { deliveryId: string; reason: string; until: Date },
): Promise<void> {
  await queries
    .update(deliveries)
    .set({ claimedUntil: until, lastError: storableReason(reason) })
    .where(unended(deliveryId));
}

/** Counts a start that failed while others succeeded. Ends the delivery as `refused` after too many; resolves to whether it did. */
export async function recordBlame(
  queries: Queries,
  { deliveryId, reason, at, pauseMs }: { deliveryId: string; reason: string; at: Date; pauseMs: number },
): Promise<boolean> {
  const isLast = sql`${deliveries.blames} + 1 >= ${mostBlames}`;
  const rows = await queries
    .update(deliveries)
    .set({
      blames: sql`${deliveries.blames} + 1`,
      state: sql`case when ${isLast} then 'refused' else ${deliveries.state} end`,
      endedAt: sql`case when ${isLast} then ${at.toISOString()}::timestamptz end`,
      claimedUntil: new Date(at.getTime() + pauseMs),
      lastError: storableReason(reason),
    })
    .where(unended(deliveryId))
    .returning({ state: deliveries.state });
  return rows[0]?.state === 'refused';
}
