import { and, arrayOverlaps, asc, count, eq, isNull } from 'drizzle-orm';
import type { Database, Queries } from '../../storage/database.ts';
import { isBehind } from '../../storage/outbound/may-send.ts';
import { askLonger } from '../../storage/message-answers.ts';
import { deliveries, endpoints, messages } from '../../storage/schema.ts';
import { askDatabase } from '../ask-database.ts';
import { derivedId } from '../../language/derived-id.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';
import type { WebhookValues } from '../../language/webhook-logic.ts';
import { firstState } from './first-state.ts';
import { patternsTake, patternsThatMayTake } from './message-types.ts';
import { toldAbout } from './notices/notice-key.ts';
import { webhookValues } from './webhook-values.ts';

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
  /** Until then, receivers may answer; if a repeat says so, they may answer longer. Absent: they get no callback URL. */
  ackUntil?: Date | undefined;
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
 * Stores a message and one delivery for each endpoint that subscribes to its type and whose filter takes it, once per key; see
 * {@link firstState}. A repeat returns the first result. The deliveries are handed to Temporal after the commit, which cannot fail the step: the
 * recovery finds any that were missed once their claim expires.
 */
export async function storeMessageOnce(deps: OutboundDeps, message: NewMessage): Promise<StoredMessage> {
  const messageId = messageIdOf(message.idempotencyKey);
  const created = await askDatabase(() =>
    deps.database.orm.transaction(async (queries) => insertMessage(queries, message)),
  );
  if (created === null) return { messageId, deliveries: await countDeliveries(deps, messageId) };
  deps.deliveryStarter.start(created.startable);
  return { messageId, deliveries: created.kept };
}

/**
 * Inserts a message with its deliveries, in the caller's transaction. After the commit, `startable` goes to the delivery starter. Null: there is a
 * message of this key already.
 */
export async function insertMessage(
  queries: Queries,
  message: NewMessage,
): Promise<{ startable: StartableDelivery[]; kept: number } | null> {
  const { idempotencyKey, type, tenant = null, body, createdAt, ackUntil = null } = message;
  const id = messageIdOf(idempotencyKey);
  const rows = await queries
    .insert(messages)
    .values({ id, idempotencyKey, type, tenant, body, createdAt, ackUntil })
    .onConflictDoNothing()
    .returning({ id: messages.id });
  if (rows.length === 0) {
    if (ackUntil !== null) await askLonger(queries, id, ackUntil);
    return null;
  }
  const { startable, kept } = await createDeliveries(queries, id, message);
  if (kept > 0 && message.original !== undefined) {
    const { original, deliveryKey = null } = message;
    await queries
      .update(messages)
      .set({ ...original, deliveryKey })
      .where(eq(messages.id, id));
  }
  return { startable, kept };
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

/** The id of the message that the step with this key emits. */
export function messageIdOf(idempotencyKey: string): string {
  return derivedId('msg', idempotencyKey);
}

async function createDeliveries(
  queries: Queries,
  messageId: string,
  message: NewMessage,
): Promise<{ startable: StartableDelivery[]; kept: number }> {
  const { tenant, createdAt } = message;
  const { id, url, patterns, state, openUntil, policy } = endpoints;
  // Always in the same order, so that messages with the same delivery key do not deadlock.
  const all = await queries
    .select({ id, url, patterns, state, openUntil, policy, tenant: endpoints.tenant })
    .from(endpoints)
    .where(
      and(
        tenant === undefined ? isNull(endpoints.tenant) : eq(endpoints.tenant, tenant),
        // Most messages are for few endpoints: the others are not even read.
        arrayOverlaps(patterns, patternsThatMayTake(message.type)),
      ),
    )
    .orderBy(asc(id));
  const claimedUntil = new Date(createdAt.getTime() + claimMs);
  return createDeliveriesTo(all, { queries, messageId, message, at: createdAt, claimedUntil });
}

/** An endpoint as far as it decides what it gets. */
export type Subscriber = Pick<
  typeof endpoints.$inferSelect,
  'id' | 'url' | 'patterns' | 'state' | 'openUntil' | 'policy' | 'tenant'
>;

/**
 * Creates the deliveries of a message to those of the endpoints that take it and have none of it yet. `claimedUntil`: until then, whoever calls
 * this hands them to Temporal; null leaves that to the recovery.
 */
export async function createDeliveriesTo(
  all: readonly Subscriber[],
  given: { queries: Queries; messageId: string; message: NewMessage; at: Date; claimedUntil: Date | null },
): Promise<{ startable: StartableDelivery[]; kept: number }> {
  const { queries, messageId, message, at, claimedUntil } = given;
  const { type, createdAt, deliveryKey = messageId } = message;
  const about = toldAbout(message);
  const subscribed = all.filter((endpoint) => endpoint.id !== about && patternsTake(endpoint.patterns, type));
  if (subscribed.length === 0) return noDeliveries;
  let values: WebhookValues | undefined;
  const valuesOnce = () => (values ??= valuesOf(message));
  const rows = subscribed.flatMap((endpoint) => {
    const begun = firstState(endpoint, valuesOnce, at);
    if (begun === null) return [];
    return {
      id: derivedId('dlv', `${deliveryKey}/${endpoint.id}`),
      message: messageId,
      ...{ endpoint: endpoint.id, url: endpoint.url, tenant: endpoint.tenant },
      ...(begun.state === 'pending' && { claimedUntil }),
      ...begun,
      createdAt,
    };
  });
  if (rows.length === 0) return noDeliveries;
  await parkInOrder(queries, rows);
  const inserted = await queries
    .insert(deliveries)
    .values(rows)
    .onConflictDoNothing({ target: deliveries.id })
    .returning({ id: deliveries.id });
  const insertedIds = new Set(inserted.map(({ id }) => id));
  const startable = rows
    .filter(({ id, state }) => state === 'pending' && insertedIds.has(id))
    .map(({ id, endpoint, url }) => ({ id, endpoint, url, type, replayed: false }));
  return { startable, kept: inserted.length };
}

/** Parks what has to wait for an earlier delivery with the same key, so that Temporal does not start it in vain. */
async function parkInOrder(queries: Queries, rows: (typeof deliveries.$inferInsert)[]): Promise<void> {
  for (const row of rows) {
    const { id, endpoint: endpointId, orderKey = null, createdAt } = row;
    const isWaiting = row.state === 'pending' && (await isBehind(queries, { id, endpointId, orderKey, createdAt }));
    if (isWaiting) Object.assign(row, { state: 'parked', parkedBecause: 'order', claimedUntil: null });
  }
}

const noDeliveries = { startable: [], kept: 0 };

/** What filters and orders see of it. */
function valuesOf({ type, tenant, body, original, createdAt }: NewMessage): WebhookValues {
  const { raw, contentType } = original ?? { raw: body, contentType: 'application/json' };
  return webhookValues({ type, tenant: tenant ?? null, body: raw, contentType, createdAt });
}

async function countDeliveries({ database }: Pick<OutboundDeps, 'database'>, messageId: string): Promise<number> {
  const [row] = await askDatabase(() =>
    database.orm.select({ deliveries: count() }).from(deliveries).where(eq(deliveries.message, messageId)),
  );
  return row?.deliveries ?? 0;
}
