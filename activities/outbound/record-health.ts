import { eq } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { endpointNotices, endpoints } from '../../storage/schema.ts';
import { type EndedAttempt, healthAfter } from './endpoint-health.ts';

/** Changes an endpoint's health after an attempt, and notes what somebody has to know. A removed endpoint has none. */
export async function recordHealth(
  transaction: Queries,
  endpointId: string,
  ended: EndedAttempt,
  policy: { disableAfterMs: number | null },
): Promise<void> {
  const health = await read(transaction, endpointId);
  // Most attempts are successes of healthy endpoints, and need no lock.
  if (health === undefined || healthAfter(health, ended, policy) === null) return;
  const locked = await read(transaction, endpointId, 'update');
  const change = locked === undefined ? null : healthAfter(locked, ended, policy);
  if (locked === undefined || change === null) return;
  await transaction.update(endpoints).set(change.health).where(eq(endpoints.id, endpointId));
  if (change.notice === null) return;
  const notice = { endpoint: endpointId, tenant: locked.tenant, at: ended.at, ...change.notice };
  await transaction.insert(endpointNotices).values(notice);
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
