import { and, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { storableReason } from '../../storage/storable-reason.ts';
import {
  attempts,
  deliveries,
  type DeliveryState,
  endpoints,
  type EndpointState,
  messages,
  type AttemptTimings,
} from '../../storage/schema.ts';
import type { EndpointPolicy } from '../../language/endpoint-policy.ts';
import { type EndedAttempt } from './endpoint-health.ts';
import { recordHealth } from './record-health.ts';
import type { SealedSecrets } from './endpoint-secrets.ts';

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
  /** Null if the endpoint was removed. */
  to: LoadedEndpoint | null;
  /** Requests so far, those in doubt included. */
  attempts: number;
  /** When the request in doubt was begun, whose outcome was never recorded; null if there is none. */
  attemptingSince: Date | null;
  /** When the next request is due; null before the first. */
  dueAt: Date | null;
  /** When the endpoint's rate limit allows it; null: it has asked for no slot yet. */
  slotAt: Date | null;
  orderKey: string | null;
  /** Requests before somebody had it sent again. */
  scheduleFrom: number;
  /** Until then, the receiver may answer on a callback URL. Null: it gets none. */
  ackUntil: Date | null;
  createdAt: Date;
  /** When the message was emitted, and for whom. Null: for the operator's own endpoints. */
  emittedAt: Date;
  tenant: string | null;
}

/** What an attempt has to know about its endpoint. */
export interface LoadedEndpoint extends SealedSecrets {
  state: EndpointState;
  policy: EndpointPolicy;
  openUntil: Date | null;
}

/** The request that an attempt may send. */
export interface BegunRequest {
  /** From 1. Requests in doubt have numbers, too. */
  number: number;
  /** From 1, without the requests in doubt and those before somebody had it sent again: where the retry schedule is. */
  position: number;
}

export interface AttemptRecord {
  number: number;
  at: Date;
  durationMs: number;
  status: number | null;
  error: string | null;
  timings: AttemptTimings | null;
  /** Of the answer, masked. */
  headers: Record<string, string> | null;
  /** The answer's beginning, masked. */
  body: Uint8Array | null;
}

/** What is on record about a request whose outcome nobody knows. */
const inDoubt = 'the outcome is unknown, because the worker or the database stopped before it was recorded';

export async function loadDelivery(queries: Queries, id: string): Promise<LoadedDelivery | undefined> {
  const [delivery] = await queries
    .select({
      id: deliveries.id,
      state: deliveries.state,
      // The endpoint's own as it is now: a wrong one may have been corrected.
      url: sql<string>`coalesce(${endpoints.url}, ${deliveries.url})`,
      messageId: messages.id,
      type: messages.type,
      body: messages.body,
      raw: messages.raw,
      contentType: messages.contentType,
      headers: messages.headers,
      endpointId: deliveries.endpoint,
      to: {
        state: endpoints.state,
        policy: endpoints.policy,
        openUntil: endpoints.openUntil,
        secrets: endpoints.secrets,
        secretsKey: endpoints.secretsKey,
      },
      attempts: deliveries.attempts,
      attemptingSince: deliveries.attemptingSince,
      dueAt: deliveries.dueAt,
      slotAt: deliveries.slotAt,
      orderKey: deliveries.orderKey,
      scheduleFrom: deliveries.scheduleFrom,
      ackUntil: messages.ackUntil,
      createdAt: deliveries.createdAt,
      emittedAt: messages.createdAt,
      tenant: deliveries.tenant,
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
 * Counts a request before it is sent, so that none goes uncounted, whatever dies in between. `ended`: the delivery has ended meanwhile.
 * `busy`: as many requests to the endpoint as `concurrency` have begun after `since` and not ended. A request begun earlier whose outcome was
 * not recorded goes on record as in doubt.
 */
export async function beginAttempt(
  queries: Queries,
  { id, url, endpointId, attempts: earlier, attemptingSince }: LoadedDelivery,
  { at, concurrency, since }: { at: Date; concurrency: number; since: Date },
): Promise<BegunRequest | 'ended' | 'busy'> {
  return queries.transaction(async (transaction) => {
    // One after the other, so that no two count the same free place.
    await transaction.execute(sql`select pg_advisory_xact_lock(hashtextextended(${endpointId}, 7))`);
    const underWay = await transaction.$count(
      deliveries,
      and(eq(deliveries.endpoint, endpointId), gt(deliveries.attemptingSince, since), ne(deliveries.id, id)),
    );
    if (underWay >= concurrency) return 'busy';
    if (attemptingSince === null) return (await countRequest(transaction, { id, url, at })) ?? 'ended';
    await transaction
      .insert(attempts)
      .values({ delivery: id, number: earlier, at: attemptingSince, error: inDoubt })
      .onConflictDoNothing();
    return (await countRequest(transaction, { id, url, at })) ?? 'ended';
  });
}

async function countRequest(
  queries: Queries,
  { id, url, at }: { id: string; url: string; at: Date },
): Promise<BegunRequest | undefined> {
  const now = sql`${at.toISOString()}::timestamptz`;
  const [counted] = await queries
    .update(deliveries)
    .set({
      state: 'started',
      url, // Where this request goes.
      startedAt: sql`coalesce(${deliveries.startedAt}, ${now})`,
      attempts: sql`${deliveries.attempts} + 1`,
      inDoubt: sql`${deliveries.inDoubt} + (${deliveries.attemptingSince} is not null)::int`,
      attemptingSince: at,
      dueAt: at,
      slotAt: null,
    })
    .where(unended(id))
    .returning({
      number: deliveries.attempts,
      inDoubt: deliveries.inDoubt,
      scheduleFrom: deliveries.scheduleFrom,
    });
  return counted && { number: counted.number, position: counted.number - counted.inDoubt - counted.scheduleFrom };
}

/**
 * Writes an attempt and the delivery's new state, both or neither. A delivery that has ended meanwhile keeps its state.
 * The endpoint's health changes with it, and what its owner has to know of that is noted once.
 */
export async function recordAttempt(
  queries: Queries,
  {
    delivery,
    state,
    endedAt,
    attempt,
    dueAt,
    ended,
    disableAfterMs,
  }: {
    delivery: LoadedDelivery;
    state: DeliveryState;
    endedAt: Date;
    attempt: AttemptRecord;
    /** When the next request is due; null if none follows. */
    dueAt: Date | null;
    /** What it means for the endpoint. */
    ended: EndedAttempt;
    disableAfterMs: number | null;
  },
): Promise<void> {
  await queries.transaction(async (transaction) => {
    const { number, ...outcome } = attempt;
    // A request that was taken for dead and answers late must not change what is known about the one after it, unless it ends all.
    const isFinal = state === 'delivered' || state === 'refused';
    await transaction
      .insert(attempts)
      .values({ delivery: delivery.id, ...attempt })
      .onConflictDoUpdate({ target: [attempts.delivery, attempts.number], set: outcome });
    await transaction
      .update(deliveries)
      .set({
        state,
        attemptingSince: null,
        dueAt,
        lastStatus: attempt.status,
        lastError: attempt.error,
        ...ending(state, endedAt),
      })
      .where(and(unended(delivery.id), isFinal ? undefined : eq(deliveries.attempts, number)));
    await recordHealth(transaction, delivery, ended, { disableAfterMs });
  });
}

/** Ends a delivery without sending anything. */
export async function recordEnd(
  queries: Queries,
  { deliveryId, ...end }: { deliveryId: string; state: 'refused' | 'exhausted'; reason: string; endedAt: Date },
): Promise<void> {
  const { state, reason, endedAt } = end;
  await queries
    .update(deliveries)
    .set({ state, lastError: storableReason(reason), endedAt })
    .where(unended(deliveryId));
}

/** An attempt may end before the starter has marked the delivery as started. */
function ending(state: DeliveryState, endedAt: Date) {
  const startedAt = sql`coalesce(${deliveries.startedAt}, ${endedAt.toISOString()}::timestamptz)`;
  return state === 'started' ? { startedAt } : { startedAt, endedAt };
}

/** The delivery, unless it has ended. */
export function unended(deliveryId: string) {
  return and(eq(deliveries.id, deliveryId), inArray(deliveries.state, ['pending', 'started']));
}
