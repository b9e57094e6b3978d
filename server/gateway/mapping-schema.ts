import { z } from 'zod';
import { amountSchema } from './amount.ts';
import { alternativesSchema } from './event-value.ts';
import { matchSchema } from './match.ts';
import { occurrenceSchema } from './occurrence.ts';

/** The first entry that matches says what holds. */
export function createRulesSchema<T extends z.ZodType>(is: T) {
  return z.array(z.strictObject({ match: matchSchema.optional(), is })).min(1);
}

const text = alternativesSchema.optional();
const amount = amountSchema.optional();
const currency = text.describe('ISO 4217, in either letter case.');
const customer = z.strictObject({ id: text, email: text, name: text }).optional();

const paymentSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all.'),
  id: text,
  orderId: text.describe('The merchant’s own reference.'),
  amount: amount.describe('What was paid, not what was asked for.'),
  requestedAmount: amount.describe('What was asked for.'),
  currency,
  method: text,
  customer,
});

const refundSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all payment.refunded.'),
  id: text,
  amount: amount.describe('This refund alone.'),
  totalRefunded: amount.describe('All refunds of the payment so far.'),
  full: createRulesSchema(z.boolean())
    .optional()
    .describe('Whether the payment is refunded in full. Default: computed from the amounts.'),
  currency: currency.describe('Default: the payment’s currency.'),
  reason: text,
});

const disputeSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all payment.disputed.'),
  id: text,
  amount,
  currency: currency.describe('Default: the payment’s currency.'),
  reason: text,
  status: createRulesSchema(z.enum(['open', 'won', 'lost'])).optional(),
  evidenceDueAt: occurrenceSchema.optional(),
});

const payoutSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all payout.*.'),
  id: text,
  reference: text,
  amount,
  currency,
  reason: text,
});

const subscriptionSchema = z.strictObject({
  match: matchSchema.optional().describe('The events that this mapping is for. Default: all subscription.*.'),
  id: text,
  status: text,
  plan: text,
  amount,
  currency,
  periodEndsAt: occurrenceSchema.optional(),
  customer,
});

/** The preset's lists of what its events are about. In each list, the first match counts. */
export const mappingsSchema = z.strictObject({
  payments: z.array(paymentSchema).optional().describe('How to read the payment. The first match counts.'),
  refunds: z.array(refundSchema).optional().describe('How to read the refund. The first match counts.'),
  disputes: z.array(disputeSchema).optional().describe('How to read the dispute. The first match counts.'),
  payouts: z.array(payoutSchema).optional().describe('How to read the payout. The first match counts.'),
  subscriptions: z
    .array(subscriptionSchema)
    .optional()
    .describe('How to read the subscription. The first match counts.'),
});
export type Mappings = z.output<typeof mappingsSchema>;
export type PaymentMapping = z.output<typeof paymentSchema>;
export type RefundMapping = z.output<typeof refundSchema>;
export type DisputeMapping = z.output<typeof disputeSchema>;
export type PayoutMapping = z.output<typeof payoutSchema>;
export type SubscriptionMapping = z.output<typeof subscriptionSchema>;
