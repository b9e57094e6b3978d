import type { Json } from './json.ts';

/** A payment, in the same form for every gateway. */
export interface Payment {
  /** The gateway's id of the payment. */
  id: string | null;
  /** The reference that the merchant gave to the gateway. */
  orderId: string | null;
  /** Integer, in minor units of `currency` (ISO 4217): IDR 25,000.00 is 2500000, JPY 500 is 500. */
  amount: number | null;
  /** ISO 4217, upper case. */
  currency: string | null;
  status: 'pending' | 'succeeded' | 'failed' | 'expired' | 'canceled' | 'refunded' | 'disputed' | null;
  /** The gateway's name for the method: `card`, `qris`, `bank_transfer`. */
  method: string | null;
  customer: { id: string | null; email: string | null; name: string | null };
}

/** The canonical event: the envelope that every gateway's body is mapped to. Definitions see it as `event`. */
export interface CanonicalEvent {
  /** The same on every redelivery; unique within the source. At most 256 characters, no control characters. */
  id: string;
  /** The mounted source, `/in/<source>`. */
  source: string;
  /** The preset's name. */
  gateway: string;
  /** Canonical (`payment.succeeded`), or `<gateway>:<native type>` if no canonical type fits. */
  type: string;
  nativeType: string;
  /** RFC 3339 in UTC; equals `receivedAt` if the gateway sends no time. */
  occurredAt: string;
  receivedAt: string;
  /** The id of the payment, subscription or other thing that the event concerns; the default ordering key. */
  entity: string | null;
  /** The gateway's account or merchant id, if it names one. */
  tenant: string | null;
  /** Null if the event does not concern a payment. */
  payment: Payment | null;
  /** The native body, or this item of a batch, without what the preset redacts. */
  data: Json;
}

export const canonicalPaymentTypes = [
  'payment.pending',
  'payment.succeeded',
  'payment.failed',
  'payment.expired',
  'payment.canceled',
  'payment.refunded',
  'payment.disputed',
] as const;
