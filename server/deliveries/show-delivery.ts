import { and, desc, eq } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { attempts, deliveries, messages } from '../../storage/schema.ts';
import { runOfMessage, subjectsOf } from '../search/run-of-key.ts';

/** The newest requests. More than a schedule has, unless it was sent again and again. */
const mostRequests = 50;

/** A delivery with its requests, the oldest first. Undefined: there is none, or it is another tenant's. */
export async function findDelivery(
  database: Pick<Database, 'orm'>,
  id: string,
  { installation, tenant }: { installation: string; tenant: string | null },
) {
  const [row] = await database.orm
    .select({
      ...{ id: deliveries.id, messageId: messages.id, type: messages.type, key: messages.idempotencyKey },
      ...{ endpoint: deliveries.endpoint, tenant: deliveries.tenant, url: deliveries.url },
      ...{ state: deliveries.state, parkedBecause: deliveries.parkedBecause, orderKey: deliveries.orderKey },
      ...{ attempts: deliveries.attempts, inDoubt: deliveries.inDoubt, replays: deliveries.replays },
      ...{ attemptingSince: deliveries.attemptingSince, dueAt: deliveries.dueAt },
      ...{ lastStatus: deliveries.lastStatus, lastError: deliveries.lastError },
      ...{ createdAt: deliveries.createdAt, startedAt: deliveries.startedAt, endedAt: deliveries.endedAt },
      ...{ ackUntil: messages.ackUntil, ackBy: messages.ackBy, ackAt: messages.ackAt },
    })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(and(eq(deliveries.id, id), tenant === null ? undefined : eq(deliveries.tenant, tenant)));
  if (row === undefined) return undefined;
  const { number, at, durationMs, status, error, timings, headers, body } = attempts;
  const newest = await database.orm
    .select({ number, at, durationMs, status, error, timings, headers, body })
    .from(attempts)
    .where(eq(attempts.delivery, id))
    .orderBy(desc(attempts.number))
    .limit(mostRequests);
  const { key, dueAt, attemptingSince, ackUntil, ackBy, ackAt, ...shown } = row;
  const subjects = await subjectsOf(database, [key]);
  const isWaiting = row.state === 'started' && attemptingSince === null;
  return {
    ...shown,
    attemptingSince,
    answer: ackUntil === null ? null : { until: ackUntil, by: ackBy, at: ackAt },
    nextAttemptAt: isWaiting ? dueAt : null,
    // Its ids tell of sources and definitions.
    run: tenant === null ? runOfMessage(key) : null,
    orderId: tenant === null ? (subjects.get(key)?.orderId ?? null) : null,
    activityId: tenant === null ? `${installation}/delivery/${id}` : null,
    requests: newest.reverse().map(({ body, ...request }) => ({
      ...request,
      body: body === null ? null : Buffer.from(body).toString('utf8'),
    })),
  };
}
