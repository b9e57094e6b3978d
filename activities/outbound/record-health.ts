import { and, count, desc, eq, gt } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { endpointNotices, endpoints } from '../../storage/schema.ts';
import { type EndedAttempt, type EndpointHealth, healthAfter } from './endpoint-health.ts';
import { generationAfter } from './notices/notice-key.ts';

interface AttemptedDelivery {
  endpointId: string;
  messageId: string;
  /** The message's. */
  type: string;
}

const minuteMs = 60_000;
/**
 * A recovery is told once it has lasted for so long. If the endpoint fails again before, nobody is told of either. Each recovery that was told in
 * the last day doubles the time, so that an endpoint that comes and goes is told of about ten times a day.
 */
const settleMs = 5 * minuteMs;
const longestSettleMs = 4 * 60 * minuteMs;
const dayMs = 24 * 60 * minuteMs;

/** Changes an endpoint's health after an attempt, and notes what somebody has to know. A removed endpoint has none. */
export async function recordHealth(
  transaction: Queries,
  delivery: AttemptedDelivery,
  ended: EndedAttempt,
  policy: { disableAfterMs: number | null },
): Promise<void> {
  const { endpointId } = delivery;
  const health = await read(transaction, endpointId);
  // Most attempts are successes of healthy endpoints, and need no lock.
  if (health === undefined || healthAfter(health, ended, policy) === null) return;
  const locked = await read(transaction, endpointId, 'update');
  const change = locked === undefined ? null : healthAfter(locked, ended, policy);
  if (locked === undefined || change === null) return;
  await transaction.update(endpoints).set(change.health).where(eq(endpoints.id, endpointId));
  if (change.notice === null) return;
  const { kind } = change.notice;
  await transaction.insert(endpointNotices).values({
    ...{ endpoint: endpointId, tenant: locked.tenant, ...change.notice, at: ended.at },
    failingSince: change.health.failingSince ?? locked.failingSince,
    tellAt: kind === 'recovered' ? await settledAt(transaction, endpointId, ended.at) : ended.at,
    generation: await generationOf(transaction, delivery, locked),
  });
}

async function read(transaction: Queries, endpointId: string, lock?: 'update') {
  const { state, disabledReason, failures, failingSince, openUntil, openings, tenant } = endpoints;
  const found = transaction
    .select({ state, disabledReason, failures, failingSince, openUntil, openings, tenant })
    .from(endpoints)
    .where(eq(endpoints.id, endpointId));
  const [row] = await (lock === undefined ? found : found.for(lock));
  return row;
}

/** What was overtaken before it was told is deleted, and does not count. */
async function settledAt(transaction: Queries, endpointId: string, at: Date): Promise<Date> {
  const { endpoint, kind } = endpointNotices;
  const lately = gt(endpointNotices.at, new Date(at.getTime() - dayMs));
  const [row] = await transaction
    .select({ told: count() })
    .from(endpointNotices)
    .where(and(eq(endpoint, endpointId), eq(kind, 'recovered'), lately));
  return new Date(at.getTime() + Math.min(settleMs * 2 ** (row?.told ?? 0), longestSettleMs));
}

/** What ends a failure, or makes it final, belongs to the notice of the failure, whichever attempt it was. */
async function generationOf(
  transaction: Queries,
  delivery: AttemptedDelivery,
  before: Pick<EndpointHealth, 'openings'>,
): Promise<number> {
  if (before.openings === 0) return generationAfter(transaction, delivery);
  const [failing] = await transaction
    .select({ generation: endpointNotices.generation })
    .from(endpointNotices)
    .where(and(eq(endpointNotices.endpoint, delivery.endpointId), eq(endpointNotices.kind, 'failing')))
    .orderBy(desc(endpointNotices.id))
    .limit(1);
  return failing?.generation ?? 0;
}
