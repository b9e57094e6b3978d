import { eq } from 'drizzle-orm';
import { outcomeSuffix } from '../language/awaited-emit.ts';
import type { CallContext } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { stopAsking } from '../storage/message-answers.ts';
import { deliveries, endedDeliveryStates, messages } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';
import { messageIdOf, type OutboundDeps } from './outbound/store-message.ts';
import { parseContext } from './parse-input.ts';

type OutcomeDeps = Pick<OutboundDeps, 'database' | 'clock'>;

const ended: readonly string[] = endedDeliveryStates;

/** Between two looks. A delivery may end before its next attempt is due, if somebody removes its endpoint. */
const pauses = { leastMs: 1_000, mostMs: 60_000 };

/**
 * Tells what became of the message that a step has emitted. Throws `DeliveryPending` with the pause before the next look while a delivery
 * has not ended. A step can ask only about its own message: the id derives from its key.
 */
export async function outcomeOfMessage(
  deps: OutcomeDeps,
  context: CallContext,
): Promise<ActivityOutput<'outbound.outcome'>> {
  const rows = await deliveriesOf(deps, ownMessage(context));
  const pending = pendingOf(rows);
  if (pending.length > 0) {
    const text = `${pending.length} of ${rows.length} deliveries have not ended`;
    throw activityFailure('DeliveryPending', text, { nextRetryDelayMs: untilDueMs(pending, deps.clock()) });
  }
  return summaryOf(rows);
}

/**
 * Tells what a receiver of the step's own message has answered. Throws `AnswerPending` while one may still answer, and `AnswerLate` once the time
 * is over; from then on, no answer is taken. If all deliveries have failed, nobody answers: `by` is null. Unless the step `closes` the message
 * then, it stays open, because its deliveries may be sent again after a repair.
 */
export async function answerToMessage(
  deps: OutcomeDeps,
  input: ActivityInput<'outbound.answer'>,
  context: CallContext,
): Promise<ActivityOutput<'outbound.answer'>> {
  const message = ownMessage(context);
  const [rows, asked] = await Promise.all([deliveriesOf(deps, message), askedOf(deps, message)]);
  const summary = summaryOf(rows);
  if (asked === undefined) throw late();
  if (asked.by !== null) return { ...summary, ack: JSON.parse(asked.ack ?? 'null') as Json, by: asked.by }; // Kait wrote it.
  if (asked.until === null) throw late();
  const now = deps.clock();
  const haveFailed = summary.failed.length === rows.length;
  const isClosed = asked.at !== null;
  if (!isClosed && (haveFailed ? input.closes : now >= asked.until)) {
    await askDatabase(() => stopAsking(deps.database, message, now));
    return answerToMessage(deps, input, context); // An answer may have come meanwhile.
  }
  if (haveFailed) return { ...summary, ack: null, by: null };
  if (isClosed) throw late();
  throw activityFailure('AnswerPending', 'no receiver has answered yet', {
    nextRetryDelayMs: untilAnswerMs({ ...asked, until: asked.until }, now),
  });
}

/**
 * The activity `outbound.close`: takes no answer to the step's own message from now on, unless there is one. For a step that goes on without.
 */
export function createAnswerActivities(deps: OutcomeDeps) {
  return {
    'outbound.close': async (_input: unknown, context: unknown): Promise<null> => {
      const message = ownMessage(parseContext('outbound.close', context));
      await askDatabase(() => stopAsking(deps.database, message, deps.clock()));
      return null;
    },
  };
}

function late() {
  return activityFailure('AnswerLate', 'no receiver has answered in time');
}

function ownMessage({ idempotencyKey }: CallContext): string {
  if (!idempotencyKey.endsWith(outcomeSuffix)) {
    throw activityFailure('InputInvalid', 'outbound.outcome: only a step that emits may ask');
  }
  return messageIdOf(idempotencyKey.slice(0, -outcomeSuffix.length));
}

interface DeliveryRow {
  endpoint: string;
  state: string;
  status: number | null;
  dueAt: Date | null;
}

function deliveriesOf({ database }: OutcomeDeps, message: string): Promise<DeliveryRow[]> {
  const { id, endpoint, state, lastStatus, dueAt } = deliveries;
  return askDatabase(() =>
    database.orm
      .select({ endpoint, state, status: lastStatus, dueAt })
      .from(deliveries)
      .where(eq(deliveries.message, message))
      .orderBy(id),
  );
}

async function askedOf({ database }: OutcomeDeps, message: string) {
  const { id, ack, ackBy, ackAt, ackUntil, createdAt } = messages;
  const [row] = await askDatabase(() =>
    database.orm
      .select({ ack, by: ackBy, at: ackAt, until: ackUntil, createdAt })
      .from(messages)
      .where(eq(id, message)),
  );
  return row;
}

function pendingOf(rows: DeliveryRow[]): DeliveryRow[] {
  return rows.filter((row) => !ended.includes(row.state));
}

function summaryOf(rows: DeliveryRow[]): ActivityOutput<'outbound.outcome'> {
  const failed = rows.filter(({ state }) => ended.includes(state) && state !== 'delivered');
  return {
    delivered: rows.filter(({ state }) => state === 'delivered').length,
    failed: failed.map(({ endpoint, state, status }) => ({ endpoint, state, status })),
  };
}

/** Until the earliest attempt is due, within limits. */
function untilDueMs(pending: DeliveryRow[], now: Date): number {
  return pauseMs(Math.min(...pending.map(({ dueAt }) => (dueAt?.getTime() ?? 0) - now.getTime() + pauses.leastMs)));
}

/** A tenth of the time since the question, so that a fast answer is seen fast. Not longer than the time that is left. */
function untilAnswerMs({ createdAt, until }: { createdAt: Date; until: Date }, now: Date): number {
  return pauseMs(Math.min((now.getTime() - createdAt.getTime()) / 10, until.getTime() - now.getTime()));
}

function pauseMs(wantedMs: number): number {
  return Math.round(Math.min(pauses.mostMs, Math.max(pauses.leastMs, wantedMs)));
}
