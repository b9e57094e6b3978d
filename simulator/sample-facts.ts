import {
  canonicalPaymentTypes,
  unpaidStatuses,
  type CanonicalEvent,
  type Customer,
  type Dispute,
  type Payment,
  type Payout,
  type Refund,
  type Subscription,
} from '../language/event.ts';

/** What an event is about, apart from its body. */
export type Facts = Pick<CanonicalEvent, FactName>;
export type FactName = (typeof factNames)[number];
export const factNames = ['payment', 'refund', 'dispute', 'payout', 'subscription'] as const;

/** The same with only the members that matter. */
export interface PartialFacts {
  payment?: PartialWithCustomer<Payment> | null;
  refund?: Partial<Refund> | null;
  dispute?: Partial<Dispute> | null;
  payout?: Partial<Payout> | null;
  subscription?: PartialWithCustomer<Subscription> | null;
}
type PartialWithCustomer<Fact extends { customer: Customer }> = Partial<Omit<Fact, 'customer'>> & {
  customer?: Partial<Customer>;
};

/** What the facts follow from. */
export interface Occasion {
  type: string;
  /** The event's entity, if it is given. */
  entity: string | null | undefined;
  receivedAt: string;
}

/**
 * The facts of an event of that type. What is given counts; the rest is taken from `known`, the facts of an earlier event of the
 * run, or else from samples. Null: the event says nothing about it, neither by its type nor by what is given.
 */
export function completeFacts(given: PartialFacts, occasion: Occasion, known: Partial<Facts> = {}): Facts {
  const { type } = occasion;
  const hasPayment = given.payment !== undefined || isAboutPayment(type) || (known.payment ?? null) !== null;
  const payment = given.payment === null || !hasPayment ? null : completePayment(given.payment, type, known.payment);
  const isGiven = (name: FactName, prefix: string) =>
    given[name] !== null && (given[name] !== undefined || type.startsWith(prefix));
  return {
    payment,
    refund: isGiven('refund', 'payment.refunded') ? completeRefund(given.refund, payment) : null,
    dispute: isGiven('dispute', 'payment.disputed')
      ? { ...(known.dispute ?? sampleDispute(payment, occasion)), ...given.dispute }
      : null,
    payout: isGiven('payout', 'payout.') ? completePayout(given.payout, occasion, known.payout) : null,
    subscription: isGiven('subscription', 'subscription.')
      ? completeSubscription(given.subscription, occasion, known.subscription)
      : null,
  };
}

function completePayment(given: PartialFacts['payment'], type: string, known: Payment | null = null): Payment {
  const base = known ?? samplePayment;
  const status = isAboutPayment(type) ? statusOf(type) : base.status;
  return {
    ...base,
    ...amountsOf(status, base),
    status,
    ...given,
    customer: { ...base.customer, ...given?.customer },
  };
}

/** Nothing was paid of a payment that is pending, failed, expired or canceled. */
function amountsOf(status: Payment['status'], base: Payment): Pick<Payment, 'amount' | 'requestedAmount'> {
  const whole = base.amount ?? base.requestedAmount;
  const isUnpaid = unpaidStatuses.includes(status);
  return isUnpaid ? { amount: null, requestedAmount: whole } : { amount: whole, requestedAmount: base.requestedAmount };
}

function isAboutPayment(type: string): boolean {
  return canonicalPaymentTypes.some((canonical) => canonical === type);
}

/** Canonical types are named after the status. */
function statusOf(type: string): Payment['status'] {
  return type.slice('payment.'.length) as Payment['status'];
}

/** A refund of everything, unless the amounts say otherwise. */
function completeRefund(given: PartialFacts['refund'], payment: Payment | null): Refund {
  const whole = payment?.amount ?? null;
  const amount = given?.amount ?? given?.totalRefunded ?? whole;
  const totalRefunded = given?.totalRefunded ?? amount;
  const full = whole === null || totalRefunded === null ? null : totalRefunded >= whole;
  return { id: 're_1', amount, totalRefunded, full, currency: payment?.currency ?? null, reason: null, ...given };
}

function sampleDispute(payment: Payment | null, { receivedAt }: Occasion): Dispute {
  return {
    id: 'dp_1',
    amount: payment?.amount ?? null,
    currency: payment?.currency ?? null,
    reason: 'fraudulent',
    status: 'open',
    evidenceDueAt: daysAfter(receivedAt, 7),
  };
}

const payoutStatuses = ['pending', 'succeeded', 'failed', 'canceled'] as const;

function completePayout(
  given: PartialFacts['payout'],
  { type, entity }: Occasion,
  known: Payout | null = null,
): Payout {
  const base = known ?? { ...samplePayout, ...(entity && { id: entity }) };
  const status = payoutStatuses.find((each) => type === `payout.${each}`) ?? base.status;
  return { ...base, status, reason: status === 'failed' ? 'account_closed' : base.reason, ...given };
}

/** The words that most gateways have for what their event has done. */
const subscriptionStatuses: Readonly<Record<string, string>> = {
  activated: 'active',
  created: 'active',
  resumed: 'active',
  payment_failed: 'past_due',
};

function completeSubscription(
  given: PartialFacts['subscription'],
  { type, entity, receivedAt }: Occasion,
  known: Subscription | null = null,
): Subscription {
  const base = known ?? {
    ...sampleSubscription,
    ...(entity && { id: entity }),
    periodEndsAt: daysAfter(receivedAt, 30),
  };
  const word = type.startsWith('subscription.') ? type.slice('subscription.'.length) : 'updated';
  const status = word === 'updated' ? base.status : (subscriptionStatuses[word] ?? word);
  return { ...base, status, ...given, customer: { ...base.customer, ...given?.customer } };
}

function daysAfter(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * 86_400_000).toISOString();
}

const sampleCustomer: Customer = { id: null, email: 'sari@shop.example', name: 'Sari' };

const samplePayment: Payment = {
  id: 'pay_1',
  orderId: 'ORDER-1',
  amount: 2_500_000,
  requestedAmount: null,
  currency: 'IDR',
  status: null,
  method: 'card',
  customer: sampleCustomer,
};

const samplePayout: Payout = {
  id: 'po_1',
  reference: 'PAYOUT-1',
  amount: 2_500_000,
  currency: 'IDR',
  status: null,
  reason: null,
};

const sampleSubscription: Subscription = {
  id: 'sub_1',
  status: 'active',
  plan: 'monthly',
  amount: 5_000_000,
  currency: 'IDR',
  periodEndsAt: null,
  customer: sampleCustomer,
};
