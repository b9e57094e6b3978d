import { count, eq } from 'drizzle-orm';
import type { CallContext } from '../language/definition.ts';
import type { Database, Queries } from '../storage/database.ts';
import { deliveries, endpoints, messages } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './catalogue.ts';
import { derivedId } from './derived-id.ts';
import { activityFailure } from './failure-types.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './outbound/delivery-starter.ts';
import { patternTakes } from './outbound/event-pattern.ts';

/** Larger than any receiver should have to take; Standard Webhooks advises to stay below 20 kB. */
const maxBodyBytes = 256 * 1_024;

export interface EmitDeps {
  database: Database;
  clock: () => Date;
  deliveryStarter: Pick<DeliveryStarter, 'start'>;
}

/**
 * Stores a message, and one delivery for each enabled endpoint that subscribes to its type, once per key; a repeat answers
 * like the first call. The hand-over to Temporal follows the commit and cannot fail the step: what it misses, the recovery
 * finds when the claim is over.
 */
export async function emitOnce(
  deps: EmitDeps,
  input: ActivityInput<'outbound.emit'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'outbound.emit'>> {
  const now = deps.clock();
  const message = {
    id: derivedId('msg', idempotencyKey),
    idempotencyKey,
    type: input.type,
    body: messageBody(input, now),
    createdAt: now,
  };
  const created = await askDatabase(() =>
    deps.database.orm.transaction(async (queries) => {
      const rows = await queries.insert(messages).values(message).onConflictDoNothing().returning({ id: messages.id });
      return rows.length === 0 ? null : createDeliveries(queries, message, now);
    }),
  );
  if (created !== null) {
    deps.deliveryStarter.start(created);
    return { messageId: message.id, deliveries: created.length };
  }
  return { messageId: message.id, deliveries: await askDatabase(() => countDeliveries(deps.database.orm, message.id)) };
}

/** `type`, `timestamp` and `data`, as Standard Webhooks lays a payload out. */
function messageBody({ type, data }: ActivityInput<'outbound.emit'>, now: Date): string {
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data });
  const bytes = Buffer.byteLength(body);
  if (bytes > maxBodyBytes) {
    throw activityFailure('InputInvalid', `outbound.emit: expected at most ${maxBodyBytes} bytes, came ${bytes}`);
  }
  return body;
}

async function createDeliveries(
  queries: Queries,
  message: { id: string; type: string },
  now: Date,
): Promise<StartableDelivery[]> {
  const enabled = await queries.select().from(endpoints).where(eq(endpoints.state, 'enabled'));
  const subscribed = enabled.filter(({ patterns }) => patterns.some((pattern) => patternTakes(pattern, message.type)));
  if (subscribed.length === 0) return [];
  const claimedUntil = new Date(now.getTime() + claimMs);
  const rows = subscribed.map((endpoint) => ({
    id: derivedId('dlv', `${message.id}/${endpoint.id}`),
    message: message.id,
    endpoint: endpoint.id,
    url: endpoint.url,
    claimedUntil,
    createdAt: now,
  }));
  await queries.insert(deliveries).values(rows);
  return rows.map(({ id, endpoint, url }) => ({ id, endpoint, url, type: message.type }));
}

async function countDeliveries(queries: Queries, messageId: string): Promise<number> {
  const [row] = await queries.select({ deliveries: count() }).from(deliveries).where(eq(deliveries.message, messageId));
  return row?.deliveries ?? 0;
}
