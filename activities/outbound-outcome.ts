import { eq } from 'drizzle-orm';
import { outcomeSuffix } from '../language/awaited-emit.ts';
import type { CallContext } from '../language/definition.ts';
import { deliveries } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityOutput } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';
import { messageIdOf, type OutboundDeps } from './outbound/store-message.ts';

/** The states in which nothing more is sent. */
const ended: readonly string[] = ['delivered', 'exhausted', 'refused'];

/** Between two looks. A delivery may end before its next attempt is due, if somebody removes its endpoint. */
const pauses = { leastMs: 1_000, mostMs: 60_000 };

/**
 * Tells what became of the message that a step has emitted. Throws `DeliveryPending` with the pause before the next look while a delivery
 * has not ended. A step can ask only about its own message: the id derives from its key.
 */
export async function outcomeOfMessage(
  deps: Pick<OutboundDeps, 'database' | 'clock'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'outbound.outcome'>> {
  if (!idempotencyKey.endsWith(outcomeSuffix)) {
    throw activityFailure('InputInvalid', 'outbound.outcome: only a step that emits may ask');
  }
  const message = messageIdOf(idempotencyKey.slice(0, -outcomeSuffix.length));
  const { id, endpoint, state, lastStatus, dueAt } = deliveries;
  const rows = await askDatabase(() =>
    deps.database.orm
      .select({ endpoint, state, status: lastStatus, dueAt })
      .from(deliveries)
      .where(eq(deliveries.message, message))
      .orderBy(id),
  );
  const pending = rows.filter((row) => !ended.includes(row.state));
  if (pending.length > 0) {
    const text = `${pending.length} of ${rows.length} deliveries have not ended`;
    throw activityFailure('DeliveryPending', text, { nextRetryDelayMs: pauseMs(pending, deps.clock()) });
  }
  const failed = rows.filter((row) => row.state !== 'delivered');
  return {
    delivered: rows.length - failed.length,
    failed: failed.map((row) => ({ endpoint: row.endpoint, state: row.state, status: row.status })),
  };
}

/** Until the earliest attempt is due, within limits. */
function pauseMs(pending: { dueAt: Date | null }[], now: Date): number {
  const due = pending.map(({ dueAt }) => (dueAt?.getTime() ?? 0) - now.getTime() + pauses.leastMs);
  return Math.round(Math.min(pauses.mostMs, Math.max(pauses.leastMs, Math.min(...due))));
}
