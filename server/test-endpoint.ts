import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Endpoint } from '../activities/outbound/endpoints.ts';
import { derivedId } from '../language/derived-id.ts';
import { testType } from '../language/own-event-types.ts';
import type { Database } from '../storage/database.ts';
import { attempts, audit, type AttemptTimings, deliveries, type DeliveryState, messages } from '../storage/schema.ts';

/** How a test went. */
export interface EndpointTest {
  delivery: string;
  messageId: string;
  state: DeliveryState;
  /** Why nothing was sent; null if something was, or if no worker has tried. */
  reason: string | null;
  /** Null: no worker has sent it yet. */
  attempt: {
    status: number | null;
    error: string | null;
    durationMs: number | null;
    timings: AttemptTimings | null;
  } | null;
}

/** Longer than a worker takes to find the delivery and to make one attempt of the default time limit. */
const waitMs = 25_000;
const lookEveryMs = 200;

/**
 * Has a worker deliver the message `kait.test` to this endpoint only, whatever it subscribes to, and waits for the first attempt. There is no
 * second one: who tests an endpoint tests it again.
 */
export async function testEndpoint(
  { orm }: Database,
  endpoint: Pick<Endpoint, 'id' | 'url' | 'tenant'>,
  actor: string,
): Promise<EndpointTest> {
  const idempotencyKey = `test/${endpoint.id}/${randomUUID()}`;
  const messageId = derivedId('msg', idempotencyKey);
  const id = derivedId('dlv', `${messageId}/${endpoint.id}`);
  const createdAt = new Date();
  await orm.transaction(async (queries) => {
    const data = { endpoint: endpoint.id, message: 'A test of this endpoint by Kait.' };
    const body = JSON.stringify({ type: testType, timestamp: createdAt.toISOString(), data });
    const { tenant } = endpoint;
    await queries.insert(messages).values({ id: messageId, idempotencyKey, type: testType, tenant, body, createdAt });
    const delivery = { id, message: messageId, endpoint: endpoint.id, url: endpoint.url, tenant, createdAt };
    await queries.insert(deliveries).values(delivery); // Nobody has claimed it, so a worker finds it within seconds.
    const target = `endpoint ${endpoint.id}`;
    await queries.insert(audit).values({ actor, action: 'test-endpoint', target, reason: '' });
  });
  const until = Date.now() + waitMs;
  let found = await outcomeOf(orm, id);
  while (found.attempt === null && !hasEnded(found.state) && Date.now() < until) {
    await pause(lookEveryMs);
    found = await outcomeOf(orm, id);
  }
  if (found.attempt === null || hasEnded(found.state)) return { delivery: id, messageId, ...found };
  await endTest(orm, id);
  return { delivery: id, messageId, ...found, state: 'exhausted' };
}

function hasEnded(state: DeliveryState): boolean {
  return state !== 'pending' && state !== 'started';
}

async function outcomeOf(
  orm: Database['orm'],
  id: string,
): Promise<Pick<EndpointTest, 'state' | 'reason' | 'attempt'>> {
  const { status, error, durationMs, timings } = attempts;
  const [row] = await orm
    .select({
      state: deliveries.state,
      lastError: deliveries.lastError,
      number: attempts.number,
      attempt: { status, error, durationMs, timings },
    })
    .from(deliveries)
    .leftJoin(attempts, eq(attempts.delivery, deliveries.id))
    .where(eq(deliveries.id, id))
    .orderBy(asc(attempts.number))
    .limit(1);
  // Its message was deleted meanwhile, which only a person can do.
  if (row === undefined) return { state: 'refused', reason: null, attempt: null };
  const { state, number, lastError, attempt } = row;
  return number === null ? { state, reason: lastError, attempt: null } : { state, reason: null, attempt };
}

async function endTest(orm: Database['orm'], id: string): Promise<void> {
  await orm
    .update(deliveries)
    .set({ state: 'exhausted', parkedBecause: null, dueAt: null, endedAt: new Date() })
    .where(and(eq(deliveries.id, id), inArray(deliveries.state, ['pending', 'started', 'parked'])));
}
