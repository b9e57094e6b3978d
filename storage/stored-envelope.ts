import { eventSchema, type CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { events } from './schema.ts';

/*
 * How the canonical event is stored, without its `data`. What columns of its row say is not stored again, nor is what is null, so that an event
 * takes up a fifth of its JSON. Both directions go by the row alone: what an event means does not change with its preset.
 */

/** The canonical event without `data`, which is computed from the body. */
export type Envelope = Omit<CanonicalEvent, 'data'>;

/** The columns of `events` that say what is in the payment too. */
export interface FactColumns {
  orderId: string | null;
  paymentId: string | null;
  currency: string | null;
  amount: number | null;
}

/** What the columns do not say. A member of the payment that is missing is as its column says; everything else that is missing is null. */
export type StoredEnvelope = Record<string, unknown>;

/** What `readEnvelope` needs of a row, by drizzle and in SQL. */
export const envelopeColumns = {
  event_id: events.eventId,
  source: events.source,
  gateway: events.gateway,
  type: events.type,
  native_type: events.nativeType,
  entity: events.entity,
  occurred_at: events.occurredAt,
  received_at: events.receivedAt,
  order_id: events.orderId,
  payment_id: events.paymentId,
  currency: events.currency,
  amount: events.amount,
  envelope: events.envelope,
};
export const envelopeColumnsSql = (table: string): string =>
  Object.keys(envelopeColumns)
    .map((column) => `${table}.${column}`)
    .join(', ');

export interface EnvelopeRow {
  event_id: string;
  source: string;
  gateway: string;
  type: string;
  native_type: string;
  entity: string | null;
  occurred_at: Date | string;
  received_at: Date | string;
  order_id: string | null;
  payment_id: string | null;
  currency: string | null;
  amount: number | string | null;
  /** Null: the details are no longer kept. */
  envelope: StoredEnvelope | null;
}

const { payment, refund, dispute, payout, subscription } = eventSchema.shape;
/** The members of each fact. What a later version adds is null in older rows. */
const members = {
  payment: Object.keys(payment.unwrap().shape),
  refund: Object.keys(refund.unwrap().shape),
  dispute: Object.keys(dispute.unwrap().shape),
  payout: Object.keys(payout.unwrap().shape),
  subscription: Object.keys(subscription.unwrap().shape),
};
const customerMembers = Object.keys(payment.unwrap().shape.customer.shape);

/** What to store of an event in a row with these columns. */
export function storedEnvelope(event: Envelope, columns: FactColumns): StoredEnvelope {
  const { live, tenant, refund, dispute, payout, subscription } = event;
  return withoutNulls({
    ...{ live, tenant, payment: storedPayment(event.payment, columns) },
    ...{ refund: storedFact(refund), dispute: storedFact(dispute), payout: storedFact(payout) },
    subscription: storedFact(subscription),
  });
}

/** Its null is stored where the column has something else. */
function storedPayment(payment: Envelope['payment'], columns: FactColumns): StoredEnvelope | null {
  if (payment === null) return null;
  const { id, orderId, currency, amount, ...rest } = payment;
  return {
    ...storedFact(rest),
    ...(id === columns.paymentId ? {} : { id }),
    ...(orderId === columns.orderId ? {} : { orderId }),
    ...(currency === columns.currency ? {} : { currency }),
    ...(amount === columns.amount ? {} : { amount }),
  };
}

function storedFact(fact: object | null): StoredEnvelope | null {
  if (fact === null) return null;
  const { customer, ...rest } = fact as { customer?: object };
  if (customer === undefined) return withoutNulls(rest);
  const known = withoutNulls(customer);
  return Object.keys(known).length === 0 ? withoutNulls(rest) : { ...withoutNulls(rest), customer: known };
}

function withoutNulls(object: object): StoredEnvelope {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined));
}

/** Null: the details are no longer kept. */
export function readEnvelope(row: EnvelopeRow): Envelope | null {
  const stored = row.envelope;
  if (stored === null) return null;
  const facts = {
    payment: readPayment(stored.payment, row),
    refund: readFact(stored.refund, members.refund),
    dispute: readFact(stored.dispute, members.dispute),
    payout: readFact(stored.payout, members.payout),
    subscription: readFact(stored.subscription, members.subscription),
  };
  return {
    id: row.event_id,
    source: row.source,
    gateway: row.gateway,
    type: row.type,
    nativeType: row.native_type,
    occurredAt: new Date(row.occurred_at).toISOString(),
    receivedAt: new Date(row.received_at).toISOString(),
    live: stored.live ?? null,
    entity: row.entity,
    tenant: stored.tenant ?? null,
    ...facts,
  } as Envelope; // Written by `storedEnvelope`.
}

function readPayment(stored: unknown, row: EnvelopeRow): StoredEnvelope | null {
  const columns = {
    ...{ id: row.payment_id, orderId: row.order_id, currency: row.currency },
    amount: row.amount === null ? null : Number(row.amount),
  };
  return readFact(stored, members.payment, columns);
}

function readFact(
  stored: unknown,
  names: readonly string[],
  columns: Readonly<Record<string, Json>> = {},
): StoredEnvelope | null {
  if (stored === undefined || stored === null) return null;
  const fact = stored as StoredEnvelope; // As above.
  return Object.fromEntries(
    names.map((name) => {
      const value = Object.hasOwn(fact, name) ? fact[name] : columns[name];
      return [name, name === 'customer' ? readFact(value ?? {}, customerMembers) : (value ?? null)];
    }),
  );
}
