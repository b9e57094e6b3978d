import { and, eq, gt, isNull, lt } from 'drizzle-orm';
import { canonicalJson, type Json } from '../language/json.ts';
import type { Database, Queries } from './database.ts';
import { deliveries, endpoints, messages } from './schema.ts';

/** What became of a receiver's answer. `repeated`: it had said the same before. `other`: another answer counts already. */
export type AnswerOutcome = 'taken' | 'repeated' | 'other' | 'late' | 'unknown';

/**
 * Records what the receiver of a delivery says about its message. The first answer counts, whoever gives it. Nobody answers for an
 * endpoint that was removed.
 */
export async function recordAnswer(
  { orm }: Database,
  { delivery, answer, at }: { delivery: string; answer: Json; at: Date },
): Promise<AnswerOutcome> {
  const [asked] = await orm
    .select({ message: deliveries.message, endpoint: deliveries.endpoint, until: messages.ackUntil })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .innerJoin(endpoints, eq(endpoints.id, deliveries.endpoint))
    .where(eq(deliveries.id, delivery));
  if (asked === undefined || asked.until === null) return 'unknown';
  const ack = canonicalJson(answer);
  const { message, endpoint } = asked;
  const taken = await orm
    .update(messages)
    .set({ ack, ackBy: endpoint, ackAt: at })
    .where(and(eq(messages.id, message), isNull(messages.ackAt), gt(messages.ackUntil, at)))
    .returning({ id: messages.id });
  if (taken.length > 0) return 'taken';
  const [before] = await orm
    .select({ ack: messages.ack, by: messages.ackBy })
    .from(messages)
    .where(eq(messages.id, message));
  if (before === undefined) return 'unknown';
  if (before.by === null) return 'late';
  return before.by === endpoint && before.ack === ack ? 'repeated' : 'other';
}

/** Takes no answer from now on, unless there is one. */
export async function stopAsking({ orm }: Database, message: string, at: Date): Promise<void> {
  await orm
    .update(messages)
    .set({ ackAt: at })
    .where(and(eq(messages.id, message), isNull(messages.ackAt)));
}

/** Asks again, until then, for a step that is tried again. Not if there is an answer, or if it asks so long already. */
export async function askLonger(queries: Queries, message: string, until: Date): Promise<void> {
  await queries
    .update(messages)
    .set({ ackUntil: until, ackAt: null })
    .where(and(eq(messages.id, message), isNull(messages.ackBy), lt(messages.ackUntil, until)));
}
