import { and, asc, eq, sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';
import type { Database, Queries } from '../../storage/database.ts';
import { endedThat, missingThat, replayDefinition, replayedEndpoint } from '../../storage/outbound/replayed.ts';
import { sendAgain } from '../../storage/outbound/send-again.ts';
import { deliveries, messages, replays } from '../../storage/schema.ts';
import { askDatabase } from '../ask-database.ts';
import { activityFailure } from '../failure-types.ts';
import { ownWorkflow } from '../own-workflow.ts';
import { parseContext, parseShape } from '../parse-input.ts';
import { patternsTake } from './message-types.ts';
import { createDeliveriesTo, type NewMessage } from './store-message.ts';

/** Of a transaction of about half a second. The recovery of deliveries hands them to Temporal afterwards. */
const batchSize = 100;

const batchInput = z.strictObject({ batch: z.int().min(0) });

/** How far a replay is. */
export interface ReplayProgress {
  isDone: boolean;
  total: number;
  done: number;
  sent: number;
}

/** The activity with which a replay sends its next batch again: `batch` counts from 0. A run can do that for its own replay only. */
export function createReplayActivities(deps: {
  database: Database;
  clock: () => Date;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
}) {
  return {
    'outbound.replay': async (input: unknown, context: unknown): Promise<ReplayProgress> => {
      const { batch } = parseShape('outbound.replay', batchInput, input);
      const { definition } = parseContext('outbound.replay', context);
      const workflowId = ownWorkflow(deps.workflowId());
      if (definition !== replayDefinition) throw notAReplay(workflowId);
      const id = workflowId.slice(workflowId.lastIndexOf('/') + 1);
      const progress = await askDatabase(() =>
        deps.database.orm.transaction((queries) => replayBatch(queries, { id, batch, at: deps.clock() })),
      );
      if (progress === null) throw notAReplay(workflowId);
      return progress;
    },
  };
}

function notAReplay(workflowId: string) {
  return activityFailure('RunRefused', `${workflowId} is no replay`);
}

type Replay = typeof replays.$inferSelect;

/** Null: there is no such replay. An attempt after one whose answer was lost finds the batch done. */
async function replayBatch(
  queries: Queries,
  { id, batch, at }: { id: string; batch: number; at: Date },
): Promise<ReplayProgress | null> {
  const [replay] = await queries.select().from(replays).where(eq(replays.id, id)).for('update');
  if (replay === undefined) return null;
  if (replay.endedAt !== null || batch < replay.batches) return progressOf(replay);
  const page = replay.what.missing ? await sendMissing(queries, replay, at) : await sendEnded(queries, replay, at);
  const { last, looked, done, sent } = page;
  const [after] = await queries
    .update(replays)
    .set({
      batches: batch + 1,
      ...(last !== undefined && { afterAt: last.at, afterId: last.id }),
      done: replay.done + done,
      sent: replay.sent + sent,
      ...(looked < batchSize && { state: 'completed' as const, endedAt: at }),
    })
    .where(eq(replays.id, id))
    .returning();
  return after === undefined ? null : progressOf(after);
}

function progressOf({ endedAt, total, done, sent }: Replay): ReplayProgress {
  return { isDone: endedAt !== null, total, done, sent };
}

interface Page {
  /** Rows that were read: fewer than a batch has are the last ones. */
  looked: number;
  last: { at: string; id: string } | undefined;
  /** Those of them that the replay is about. */
  done: number;
  sent: number;
}

/** The oldest first, so that deliveries with an order keep it. */
async function sendEnded(queries: Queries, replay: Replay, at: Date): Promise<Page> {
  const { createdAt, id } = deliveries;
  const rows = await queries
    .select({ id, at: sql<string>`${createdAt}::text` })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(and(endedThat(replay), behind(sql`(${createdAt}, ${id})`, replay)))
    .orderBy(asc(createdAt), asc(id))
    .limit(batchSize);
  let sent = 0;
  const again = replay.what.states.includes('delivered');
  for (const row of rows) {
    const { why } = await sendAgain(queries, row.id, { again, tenant: replay.tenant, at });
    if (why === null) sent += 1;
  }
  return { looked: rows.length, last: rows.at(-1), done: rows.length, sent };
}

async function sendMissing(queries: Queries, replay: Replay, at: Date): Promise<Page> {
  const endpoint = await replayedEndpoint(queries, replay);
  if (endpoint === undefined) return { looked: 0, last: undefined, done: 0, sent: 0 }; // It was removed meanwhile.
  const { createdAt, id } = messages;
  const rows = await queries
    .select({ message: messages, at: sql<string>`${createdAt}::text` })
    .from(messages)
    .where(and(missingThat(replay, endpoint), behind(sql`(${createdAt}, ${id})`, replay)))
    .orderBy(asc(createdAt), asc(id))
    .limit(batchSize);
  const taken = rows.filter(({ message }) => patternsTake(endpoint.patterns, message.type));
  let sent = 0;
  for (const { message } of taken) {
    const given = { queries, messageId: message.id, message: asNew(message), at, claimedUntil: null };
    sent += (await createDeliveriesTo([endpoint], given)).kept;
  }
  const last = rows.at(-1);
  const place = last === undefined ? undefined : { at: last.at, id: last.message.id };
  return { looked: rows.length, last: place, done: taken.length, sent };
}

function behind(place: SQL, { afterAt, afterId }: Replay): SQL | undefined {
  return afterAt === null ? undefined : sql`${place} > (${afterAt}::timestamptz, ${afterId})`;
}

function asNew(row: typeof messages.$inferSelect): NewMessage {
  const { idempotencyKey, type, body, createdAt, tenant, raw, contentType, headers, deliveryKey } = row;
  return {
    ...{ idempotencyKey, type, body, createdAt, tenant: tenant ?? undefined },
    ...(raw !== null && { original: { raw, contentType, headers: headers ?? {} } }),
    ...(deliveryKey !== null && { deliveryKey }),
  };
}
