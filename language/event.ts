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
const currency = textOrNull.describe('ISO 4217, upper case.');

const customerSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the customer.'),
  email: textOrNull.describe('One usable address, its domain in ASCII. Null if the customer typed something else.'),
  name: textOrNull.describe('As the customer typed it.'),
});
export type Customer = z.infer<typeof customerSchema>;

const paymentSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the payment.'),
  orderId: textOrNull.describe('The reference that the merchant gave to the gateway.'),
  amount: amount.describe(
    'What was paid, in minor units of `currency` (ISO 4217): IDR 25,000.00 is 2500000, JPY 500 is 500. Null if nothing was paid. Refunds do not change it.',
  ),
  requestedAmount: amount.describe(
    'What was asked for, in minor units of `currency`. Of a payment that is paid, only if the gateway says it apart.',
  ),
  currency,
  status: z
    .enum(['pending', 'succeeded', 'failed', 'expired', 'canceled', 'refunded', 'disputed'])
    .nullable()
    .describe('The last word of the canonical type.'),
  method: textOrNull.describe('The gateway’s name for the method: `card`, `qris`, `bank_transfer`.'),
  customer: customerSchema,
});
/** A payment, in the same form for every gateway. */
export type Payment = z.infer<typeof paymentSchema>;

const refundSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the refund.'),
  amount: amount.describe('What this refund gives back, in minor units of `currency`.'),
  totalRefunded: amount.describe('What all refunds of the payment give back so far, in minor units of `currency`.'),
  full: z
    .boolean()
    .nullable()
    .describe('Whether nothing of the payment is left. Null if the gateway says too little: never take it for full.'),
  currency,
  reason: textOrNull.describe('In the gateway’s or the merchant’s words.'),
});
/** What is given back of a payment. */
export type Refund = z.infer<typeof refundSchema>;

const disputeSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the dispute or chargeback.'),
  amount: amount.describe('What is disputed, in minor units of `currency`.'),
  currency,
  reason: textOrNull.describe('The gateway’s word or code.'),
  status: z.enum(['open', 'won', 'lost']).nullable().describe('won and lost are the merchant’s.'),
  evidenceDueAt: instant.nullable().describe('Until when evidence can be sent. RFC 3339 in UTC.'),
});
/** A customer's bank takes a payment back, or asks about it. */
export type Dispute = z.infer<typeof disputeSchema>;

const payoutSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the payout.'),
  reference: textOrNull.describe('The merchant’s reference.'),
  amount: amount.describe('In minor units of `currency`.'),
  currency,
  status: z
    .enum(['pending', 'succeeded', 'failed', 'canceled'])
    .nullable()
    .describe('The last word of the canonical type, if it is one of these.'),
  reason: textOrNull.describe('Why it failed, in the gateway’s words.'),
});
/** Money that leaves the gateway's account for a bank account. */
export type Payout = z.infer<typeof payoutSchema>;

const subscriptionSchema = z.strictObject({
  id: textOrNull.describe('The gateway’s id of the subscription.'),
  status: textOrNull.describe('The gateway’s own word: `active`, `past_due`.'),
  plan: textOrNull.describe('The gateway’s id of the plan or price.'),
  amount: amount.describe('What one period costs, in minor units of `currency`.'),
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
      'The same however often and in whatever form the gateway tells this fact; unique within the source. At most 256 characters, no control characters.',
    ),
  source: z.string().describe('The mounted source, `/in/<source>`.'),
  gateway: z.string().describe('The preset’s name.'),
  type: z.string().describe('Canonical (`payment.succeeded`), or `<gateway>:<native type>` if no canonical type fits.'),
  nativeType: z.string().describe('The gateway’s own name for the event.'),
  occurredAt: instant.describe('RFC 3339 in UTC. Equals `receivedAt` if the gateway sends no time.'),
  receivedAt: instant,
  live: z
    .boolean()
    .nullable()
    .describe('Whether real money is concerned. False: a test event. Null: the gateway does not say.'),
  entity: textOrNull.describe(
    'The id of the payment, subscription or other thing that the event concerns; the default ordering key.',
  ),
  tenant: textOrNull.describe('The gateway’s account or merchant id, if it names one.'),
  payment: paymentSchema.nullable().describe('Null if the event does not concern a payment.'),
  refund: refundSchema.nullable().describe('Null if the event does not concern a refund.'),
  dispute: disputeSchema.nullable().describe('Null if the event does not concern a dispute.'),
  payout: payoutSchema.nullable().describe('Null if the event does not concern a payout.'),
  subscription: subscriptionSchema.nullable().describe('Null if the event does not concern a subscription.'),
  data: (z.json() as z.ZodType<Json>).describe(
    'The native body, or this item of a batch, without what the preset redacts.',
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
