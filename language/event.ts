import { z } from 'zod';
import type { Json } from './json.ts';

/*
 * The canonical event: the envelope that every gateway's webhook is mapped to. Definitions see it as `event`. Workflow code
 * imports only its types, because zod must not be in the workflow bundle.
 *
 * One rule for all fields: what the gateway does not say is null. Nothing is guessed.
 */

const textOrNull = z.string().nullable();
const instant = z.string().describe('RFC 3339 in UTC.');
const amount = z
  .int()
  .nullable()
  .describe('An integer in minor units of `currency` (ISO 4217): IDR 25,000.00 is 2500000, JPY 500 is 500.');
const currency = textOrNull.describe('The ISO 4217 code, in upper case.');

const customerSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the customer.'),
  email: textOrNull.describe(
    'A single usable address, with its domain in ASCII. Null if the customer typed something else.',
  ),
  name: textOrNull.describe('As the customer typed it.'),
});
export type Customer = z.infer<typeof customerSchema>;

const paymentSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the payment.'),
  orderId: textOrNull.describe('The merchant’s reference for the payment, as given to the gateway.'),
  amount: amount.describe(
    'The amount paid, in minor units of `currency` (ISO 4217): IDR 25,000.00 is 2500000, JPY 500 is 500. Null if nothing was paid. Refunds do not change it.',
  ),
  requestedAmount: amount.describe(
    'The amount requested, in minor units of `currency`. Once the payment is paid, set only if the gateway reports it separately.',
  ),
  currency,
  status: z
    .enum(['pending', 'succeeded', 'failed', 'expired', 'canceled', 'refunded', 'disputed'])
    .nullable()
    .describe('The last word of the canonical type.'),
  method: textOrNull.describe('The gateway’s name for the payment method, such as `card`, `qris` or `bank_transfer`.'),
  customer: customerSchema,
});
/** A payment, in the same form for every gateway. */
export type Payment = z.infer<typeof paymentSchema>;

const refundSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the refund.'),
  amount: amount.describe('The amount of this refund, in minor units of `currency`.'),
  totalRefunded: amount.describe('The total of all refunds of the payment so far, in minor units of `currency`.'),
  full: z
    .boolean()
    .nullable()
    .describe(
      'Whether the whole payment has now been refunded. Null if the gateway does not report enough to tell; do not treat null as full.',
    ),
  currency,
  reason: textOrNull.describe('The reason, in the gateway’s or the merchant’s words.'),
});
/** What is given back of a payment. */
export type Refund = z.infer<typeof refundSchema>;

const disputeSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the dispute or chargeback.'),
  amount: amount.describe('The disputed amount, in minor units of `currency`.'),
  currency,
  reason: textOrNull.describe('The reason, as the gateway’s word or code.'),
  status: z
    .enum(['open', 'won', 'lost'])
    .nullable()
    .describe('The outcome from the merchant’s side: `won` means that the merchant won.'),
  evidenceDueAt: instant.nullable().describe('The deadline for sending evidence. RFC 3339 in UTC.'),
});
/** A customer's bank takes a payment back, or asks about it. */
export type Dispute = z.infer<typeof disputeSchema>;

const payoutSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the payout.'),
  reference: textOrNull.describe('The merchant’s reference for the payout.'),
  amount: amount.describe('The amount of the payout, in minor units of `currency`.'),
  currency,
  status: z
    .enum(['pending', 'succeeded', 'failed', 'canceled'])
    .nullable()
    .describe('The last word of the canonical type, if it is one of these.'),
  reason: textOrNull.describe('Why the payout failed, in the gateway’s words.'),
});
/** Money that leaves the gateway's account for a bank account. */
export type Payout = z.infer<typeof payoutSchema>;

const subscriptionSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id for the subscription.'),
  status: textOrNull.describe('The gateway’s own status, such as `active` or `past_due`.'),
  plan: textOrNull.describe('The gateway’s id for the plan or price.'),
  amount: amount.describe('The price of one period, in minor units of `currency`.'),
  currency,
  periodEndsAt: instant.nullable().describe('When the current period ends. RFC 3339 in UTC.'),
  customer: customerSchema,
});
/** A payment that repeats. */
export type Subscription = z.infer<typeof subscriptionSchema>;

/** The members of the canonical event, with their meaning. The checker, the editor schemas and the docs are made from it. */
export const eventSchema = z.strictObject({
  id: z
    .string()
    .describe(
      'Identifies the fact, not the delivery: repeated webhooks about the same fact have the same id. Unique within the source. At most 256 characters, without control characters.',
    ),
  source: z.string().describe('The name of the source that received the webhook at `/in/<source>`.'),
  gateway: z.string().describe('The name of the gateway’s preset.'),
  type: z
    .string()
    .describe(
      'The canonical type, such as `payment.succeeded`, or `<gateway>:<native type>` if no canonical type fits.',
    ),
  nativeType: z.string().describe('The gateway’s own name for the event.'),
  occurredAt: instant.describe(
    'When the event happened. RFC 3339 in UTC. Equals `receivedAt` if the gateway sends no time.',
  ),
  receivedAt: instant.describe('When Kait received the webhook. RFC 3339 in UTC.'),
  live: z
    .boolean()
    .nullable()
    .describe('Whether real money is involved. False for a test event. Null if the gateway does not say.'),
  entity: textOrNull.describe(
    'The id of the payment, subscription or other object that the event concerns. The default ordering key.',
  ),
  tenant: textOrNull.describe('The gateway’s account or merchant id, if it names one.'),
  payment: paymentSchema.nullable().describe('Null if the event does not concern a payment.'),
  refund: refundSchema.nullable().describe('Null if the event does not concern a refund.'),
  dispute: disputeSchema.nullable().describe('Null if the event does not concern a dispute.'),
  payout: payoutSchema.nullable().describe('Null if the event does not concern a payout.'),
  subscription: subscriptionSchema.nullable().describe('Null if the event does not concern a subscription.'),
  data: (z.json() as z.ZodType<Json>).describe(
    'The native body, or the item of a batch that became this event, without the fields that the preset redacts.',
  ),
});
export type CanonicalEvent = z.infer<typeof eventSchema>;

export const canonicalPaymentTypes = [
  'payment.pending',
  'payment.succeeded',
  'payment.failed',
  'payment.expired',
  'payment.canceled',
  'payment.refunded',
  'payment.disputed',
] as const;

/** Of a payment in these states nothing was paid, or only a part of what was asked for. */
export const unpaidStatuses: readonly Payment['status'][] = ['pending', 'failed', 'expired', 'canceled'];

/** The members of an event that concerns nothing that has a canonical form. */
export const noFacts = {
  live: null,
  payment: null,
  refund: null,
  dispute: null,
  payout: null,
  subscription: null,
} as const satisfies Partial<CanonicalEvent>;
