import { and, asc, count, eq, isNull } from 'drizzle-orm';
import type { Database, Queries } from '../../storage/database.ts';
import { deliveries, endpoints, messages } from '../../storage/schema.ts';
import { askDatabase } from '../ask-database.ts';
import { derivedId } from '../../language/derived-id.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';
import { patternTakes } from './message-types.ts';

export interface OutboundDeps {
  database: Database;
  clock: () => Date;
  deliveryStarter: Pick<DeliveryStarter, 'start'>;
}

/** A message as a step creates it. */
export interface NewMessage {
  /** The step's key. There is one message for each. */
  idempotencyKey: string;
  /** Decides which endpoints get the message. */
  type: string;
  /** The text to send; empty if there is an `original`. */
  body: string;
  createdAt: Date;
  /** Only endpoints of this tenant get it. Absent: only those of the operator. */
  tenant?: string | undefined;
  /** A request to forward unchanged. Not stored if no endpoint gets it. */
  original?: { raw: Uint8Array; contentType: string; headers: Record<string, string> };
  /** Messages with the same key reach each endpoint once in total. Default: a key of the message's own. */
  deliveryKey?: string;
}

export interface StoredMessage {
  messageId: string;
  /** How many deliveries the message has. */
  deliveries: number;
}

/**
 * Stores a message and one delivery for each enabled endpoint that subscribes to its type, once per key. A repeat returns the
 * first result. The deliveries are handed to Temporal after the commit, which cannot fail the step: the recovery finds any that
 * were missed once their claim expires.
 */
export async function storeMessageOnce(deps: OutboundDeps, message: NewMessage): Promise<StoredMessage> {
  const messageId = messageIdOf(message.idempotencyKey);
  const created = await askDatabase(() =>
    deps.database.orm.transaction(async (queries) => {
      const { idempotencyKey, type, tenant = null, body, createdAt } = message;
      const rows = await queries
        .insert(messages)
        .values({ id: messageId, idempotencyKey, type, tenant, body, createdAt })
        .onConflictDoNothing()
        .returning({ id: messages.id });
      if (rows.length === 0) return null;
      const startable = await createDeliveries(queries, messageId, message);
      if (startable.length > 0 && message.original !== undefined) {
        await queries.update(messages).set(message.original).where(eq(messages.id, messageId));
      }
      return startable;
    }),
  );
  if (created === null) return { messageId, deliveries: await countDeliveries(deps, messageId) };
  deps.deliveryStarter.start(created);
  return { messageId, deliveries: created.length };
}

/** The result of the first call with this key, or undefined if there was none. */
export async function findStoredMessage(
  deps: Pick<OutboundDeps, 'database'>,
  idempotencyKey: string,
): Promise<StoredMessage | undefined> {
  const messageId = messageIdOf(idempotencyKey);
  const found = await askDatabase(() => deps.database.orm.$count(messages, eq(messages.id, messageId)));
  return found === 0 ? undefined : { messageId, deliveries: await countDeliveries(deps, messageId) };
}

function messageIdOf(idempotencyKey: string): string {
  return derivedId('msg', idempotencyKey);
}

async function createDeliveries(
  queries: Queries,
  messageId: string,
  { type, tenant, createdAt, deliveryKey = messageId }: NewMessage,
): Promise<StartableDelivery[]> {
  // Always in the same order, so that messages with the same delivery key do not deadlock.
  const enabled = await queries
    .select({ id: endpoints.id, url: endpoints.url, patterns: endpoints.patterns, tenant: endpoints.tenant })
    .from(endpoints)
    .where(
      and(
        eq(endpoints.state, 'enabled'),
        tenant === undefined ? isNull(endpoints.tenant) : eq(endpoints.tenant, tenant),
      ),
    )
    .orderBy(asc(endpoints.id));
  const subscribed = enabled.filter(({ patterns }) => patterns.some((pattern) => patternTakes(pattern, type)));
  if (subscribed.length === 0) return [];
  const claimedUntil = new Date(createdAt.getTime() + claimMs);
  const rows = subscribed.map((endpoint) => ({
    id: derivedId('dlv', `${deliveryKey}/${endpoint.id}`),
    message: messageId,
    endpoint: endpoint.id,
    url: endpoint.url,
    tenant: endpoint.tenant,
    claimedUntil,
    createdAt,
  }));
  const inserted = await queries
    .insert(deliveries)
    .values(rows)
    .onConflictDoNothing({ target: deliveries.id })
    .returning({ id: deliveries.id });
  const insertedIds = new Set(inserted.map(({ id }) => id));
  return rows.filter(({ id }) => insertedIds.has(id)).map(({ id, endpoint, url }) => ({ id, endpoint, url, type }));
}

async function countDeliveries({ database }: Pick<OutboundDeps, 'database'>, messageId: string): Promise<number> {
  const [row] = await askDatabase(() =>
    database.orm.select({ deliveries: count() }).from(deliveries).where(eq(deliveries.message, messageId)),
  );
  return row?.deliveries ?? 0;
}
