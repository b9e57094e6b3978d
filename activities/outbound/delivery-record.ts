import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { attempts, deliveries, type DeliveryState, endpoints, messages } from '../../storage/schema.ts';

/** A delivery with everything that its next attempt needs. */
export interface LoadedDelivery {
  id: string;
  state: DeliveryState;
  url: string;
  messageId: string;
  type: string;
  /** The message's text, or the bytes of the forwarded request. */
  body: string | Uint8Array;
  /** Empty if a forwarded request had none. */
  contentType: string;
  /** Sent beside Kait's own. */
  headers: Record<string, string>;
  endpointId: string;
  /** The endpoint's signing key; null if the endpoint was removed. */
  secret: string | null;
  endpointState: 'enabled' | 'disabled' | null;
}

export interface AttemptRecord {
  number: number;
  at: Date;
  durationMs: number;
  status: number | null;
  error: string | null;
}

export async function loadDelivery(queries: Queries, id: string): Promise<LoadedDelivery | undefined> {
  const [delivery] = await queries
    .select({
      id: deliveries.id,
      state: deliveries.state,
      url: deliveries.url,
      messageId: messages.id,
      type: messages.type,
      body: messages.body,
      raw: messages.raw,
      contentType: messages.contentType,
      headers: messages.headers,
      endpointId: deliveries.endpoint,
      secret: endpoints.secret,
      endpointState: endpoints.state,
    })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .leftJoin(endpoints, eq(endpoints.id, deliveries.endpoint))
    .where(eq(deliveries.id, id));
  if (delivery === undefined) return undefined;
  const { raw, headers, ...rest } = delivery;
  return { ...rest, body: raw ?? rest.body, headers: headers ?? {} };
}

/**
 * Writes an attempt and the delivery's new state, both or neither. A delivery that has ended meanwhile keeps its state.
 * A `disabledReason` disables the endpoint for all later messages.
 */
export async function recordAttempt(
  queries: Queries,
  {
    delivery,
    state,
    endedAt,
    attempt,
    disabledReason,
  }: {
    delivery: LoadedDelivery;
    state: DeliveryState;
    endedAt: Date;
    attempt: AttemptRecord;
    disabledReason: string | null;
  },
): Promise<void> {
  await queries.transaction(async (transaction) => {
    await transaction.insert(attempts).values({ delivery: delivery.id, ...attempt });
    await transaction
      .update(deliveries)
      .set({
        state,
        attempts: attempt.number,
        lastStatus: attempt.status,
        lastError: attempt.error,
        ...ending(state, endedAt),
      })
      .where(unended(delivery.id));
    if (disabledReason !== null) {
      await transaction
        .update(endpoints)
        .set({ state: 'disabled', disabledReason })
        .where(eq(endpoints.id, delivery.endpointId));
    }
  });
}

/** Ends a delivery without sending anything. */
export async function recordRefusal(
  queries: Queries,
  { deliveryId, reason, endedAt }: { deliveryId: string; reason: string; endedAt: Date },
): Promise<void> {
  await queries.update(deliveries).set({ state: 'refused', lastError: reason, endedAt }).where(unended(deliveryId));
}

/** An attempt may end before the starter has marked the delivery as started. */
function ending(state: DeliveryState, endedAt: Date) {
  const startedAt = sql`coalesce(${deliveries.startedAt}, ${endedAt.toISOString()}::timestamptz)`;
  return state === 'started' ? { startedAt } : { startedAt, endedAt };
}

function unended(deliveryId: string) {
  return and(eq(deliveries.id, deliveryId), inArray(deliveries.state, ['pending', 'started']));
}
