import { and, eq, isNotNull, ne, or, sql } from 'drizzle-orm';
import type { Queries } from '../database.ts';
import { deliveries, type DeliveryState, endpoints, messages, type ParkedBecause } from '../schema.ts';
import { closedBecause, isBehind, settleMs } from './may-send.ts';

/**
 * What became of the wish to send a delivery again. `under-way`: it has not ended. `delivered`: it was, and nobody said that it is to be sent
 * again all the same. `no-endpoint`: its endpoint was removed. `not-kept`: it forwards a request whose body is no longer kept.
 */
export type SentAgain =
  | { why: 'unknown' | 'under-way' | 'delivered' | 'no-endpoint' | 'not-kept' }
  /** Why it is parked at first. Null: it is sent within seconds. */
  | { why: null; parkedBecause: ParkedBecause | null };

/**
 * Begins a new round of the retry schedule for a delivery that has ended or is parked, with the same `webhook-id`, to the URL that its endpoint has
 * now. To be called in a transaction: of two callers at once, the second finds it under way.
 */
export async function sendAgain(
  queries: Queries,
  id: string,
  { again, tenant, at }: { again: boolean; tenant: string | null; at: Date },
): Promise<SentAgain> {
  const { state, message, endpoint, orderKey, createdAt, endedAt, claimedUntil } = deliveries;
  const [found] = await queries
    .select({ state, message, endpoint, orderKey, createdAt, endedAt, claimedUntil })
    .from(deliveries)
    .where(and(eq(deliveries.id, id), tenant === null ? undefined : eq(deliveries.tenant, tenant)))
    .for('update');
  if (found === undefined) return { why: 'unknown' };
  if (found.state === 'delivered' && !again) return { why: 'delivered' };
  if (!isRetryable(found.state)) return { why: 'under-way' };
  if (!(await isKept(queries, found.message))) return { why: 'not-kept' };
  const [to] = await queries
    .select({ url: endpoints.url, state: endpoints.state, openUntil: endpoints.openUntil })
    .from(endpoints)
    .where(eq(endpoints.id, found.endpoint));
  if (to === undefined) return { why: 'no-endpoint' };
  const closed = closedBecause(to, at);
  const isWaiting = closed === null && (await isBehind(queries, { ...found, id, endpointId: found.endpoint }));
  const parkedBecause = isWaiting ? 'order' : closed;
  await queries
    .update(deliveries)
    .set({
      state: parkedBecause === null ? 'pending' : 'parked',
      parkedBecause,
      url: to.url,
      ...newRound,
      againAt: at,
      // Temporal refuses a start while the activity that has just ended is not closed.
      claimedUntil: found.endedAt === null ? found.claimedUntil : new Date(found.endedAt.getTime() + settleMs),
    })
    .where(eq(deliveries.id, id));
  return { why: null, parkedBecause };
}

/** A request without an outcome gets on record as in doubt when the next begins, and is counted then. */
const newRound = {
  scheduleFrom: sql`${deliveries.attempts} - (${deliveries.attemptingSince} is not null)::int`,
  inDoubt: 0,
  replays: sql`${deliveries.replays} + 1`,
  ...{ blames: 0, dueAt: null, slotAt: null, endedAt: null },
};

function isRetryable(state: DeliveryState): boolean {
  return state !== 'pending' && state !== 'started';
}

/** Retention empties forwarded requests only. It waits for the row. */
async function isKept(queries: Queries, messageId: string): Promise<boolean> {
  const kept = await queries
    .select({ id: messages.id })
    .from(messages)
    .where(and(eq(messages.id, messageId), or(ne(messages.body, ''), isNotNull(messages.raw))))
    .for('update');
  return kept.length > 0;
}
