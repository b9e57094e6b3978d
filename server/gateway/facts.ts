import {
  unpaidStatuses,
  type CanonicalEvent,
  type Customer,
  type Dispute,
  type Payment,
  type Payout,
  type Refund,
  type Subscription,
} from '../../language/event.ts';
import { compileAmount, type AmountUnit } from './amount.ts';
import { usableEmail } from './email.ts';
import { compileAlternatives, displayText, identifier, joinId, joinName, type Join } from './event-value.ts';
import type {
  DisputeMapping,
  Mappings,
  PaymentMapping,
  PayoutMapping,
  RefundMapping,
  SubscriptionMapping,
} from './mapping-schema.ts';
import { compileFirstMatch, compileMatch, type Match } from './match.ts';
import { compileOccurrence, type Occurrence } from './occurrence.ts';
import type { RequestView } from './request-view.ts';

/** What an event is about. */
export type Facts = Pick<CanonicalEvent, 'payment' | 'refund' | 'dispute' | 'payout' | 'subscription'>;

export type ReadFacts = (view: RequestView, canonicalType: string | null) => Facts;

/** In each list of mappings, the first that matches counts. Never throws: what cannot be read is null. */
export function compileFacts(mappings: Mappings & { amounts?: AmountUnit | undefined }): ReadFacts {
  const { amounts } = mappings;
  const payment = compileList(
    mappings.payments,
    () => true,
    (each) => compilePayment(each, amounts),
  );
  const refund = compileList(mappings.refunds, isType('payment.refunded'), (each) => compileRefund(each, amounts));
  const dispute = compileList(mappings.disputes, isType('payment.disputed'), (each) => compileDispute(each, amounts));
  const payout = compileList(mappings.payouts, isType('payout.'), (each) => compilePayout(each, amounts));
  const subscription = compileList(mappings.subscriptions, isType('subscription.'), (each) =>
    compileSubscription(each, amounts),
  );
  return (view, canonicalType) => {
    const paid = payment(view, canonicalType, null);
    return {
      payment: paid,
      refund: refund(view, canonicalType, paid),
      dispute: dispute(view, canonicalType, paid),
      payout: payout(view, canonicalType, paid),
      subscription: subscription(view, canonicalType, paid),
    };
  };
}

/** Reads one fact of an event that it is known to have. */
type ReadFact<T> = (view: RequestView, canonicalType: string | null, payment: Payment | null) => T;

function compileList<Mapping extends { match?: Match | undefined }, T>(
  mappings: readonly Mapping[] = [],
  isDefault: (canonicalType: string | null) => boolean,
  compile: (mapping: Mapping) => ReadFact<T>,
): ReadFact<T | null> {
  const compiled = mappings.map((mapping) => {
    const holds = mapping.match === undefined ? null : compileMatch(mapping.match);
    return { holds, read: compile(mapping) };
  });
  return (view, canonicalType, payment) => {
    const found = compiled.find(({ holds }) => (holds === null ? isDefault(canonicalType) : holds(view)));
    return found === undefined ? null : found.read(view, canonicalType, payment);
  };
}

/** A type, or all types with a prefix that ends with a point. */
function isType(type: string) {
  return (canonicalType: string | null): boolean =>
    type.endsWith('.') ? canonicalType?.startsWith(type) === true : canonicalType === type;
}

function compilePayment(mapping: PaymentMapping, amounts: AmountUnit | undefined): ReadFact<Payment> {
  const id = compileText(mapping.id, identifier);
  const orderId = compileText(mapping.orderId, identifier);
  const currency = compileText(mapping.currency, currencyCode);
  const method = compileText(mapping.method, identifier);
  const customer = compileCustomer(mapping.customer);
  const amount = compileAmount(mapping.amount, amounts);
  const requestedAmount = compileAmount(mapping.requestedAmount, amounts);
  return (view, canonicalType) => {
    const code = currency(view);
    const status = paymentStatusOf(canonicalType);
    return {
      id: id(view),
      orderId: orderId(view),
      ...amountsOf(status, amount(view, code), requestedAmount(view, code)),
      currency: code,
      status,
      method: method(view),
      customer: customer(view),
    };
  };
}

/** Gateways have one amount for a payment that is not paid, which is what they ask for, unless a part of it has arrived. */
function amountsOf(
  status: Payment['status'],
  amount: number | null,
  requested: number | null,
): Pick<Payment, 'amount' | 'requestedAmount'> {
  if (!unpaidStatuses.includes(status)) return { amount, requestedAmount: requested };
  const isPart = amount !== null && requested !== null && amount < requested;
  return { amount: isPart ? amount : null, requestedAmount: requested ?? amount };
}

function compileRefund(mapping: RefundMapping, amounts: AmountUnit | undefined): ReadFact<Refund> {
  const id = compileText(mapping.id, identifier);
  const currency = compileText(mapping.currency, currencyCode);
  const reason = compileText(mapping.reason, displayText);
  const amount = compileAmount(mapping.amount, amounts);
  const totalRefunded = compileAmount(mapping.totalRefunded, amounts);
  const full = compileFirstMatch(mapping.full ?? []);
  return (view, _type, payment) => {
    const code = currency(view) ?? payment?.currency ?? null;
    // Some gateways write 0 for an amount that they do not know.
    const written = amount(view, code);
    const single = written === 0 ? null : written;
    const total = totalRefunded(view, code);
    const paid = payment?.currency === code ? payment.amount : null;
    return {
      id: id(view),
      amount: single,
      totalRefunded: total,
      full: isFull(full(view)?.is ?? null, { single, total, paid }),
      currency: code,
      reason: reason(view),
    };
  };
}

interface Refunded {
  single: number | null;
  total: number | null;
  paid: number | null;
}

/** If two words contradict each other, neither makes a refund full. Null if it may be the last of several. */
function isFull(declared: boolean | null, { single, total, paid }: Refunded): boolean | null {
  const computed = paid === null || paid === 0 ? null : isEnough(single, total, paid);
  return declared === true && computed === false ? false : (declared ?? computed);
}

function isEnough(single: number | null, total: number | null, paid: number): boolean | null {
  if (total !== null) return total >= paid;
  return single !== null && single >= paid ? true : null;
}

function compileDispute(mapping: DisputeMapping, amounts: AmountUnit | undefined): ReadFact<Dispute> {
  const id = compileText(mapping.id, identifier);
  const currency = compileText(mapping.currency, currencyCode);
  const reason = compileText(mapping.reason, displayText);
  const amount = compileAmount(mapping.amount, amounts);
  const status = compileFirstMatch(mapping.status ?? []);
  const evidenceDueAt = compileTime(mapping.evidenceDueAt);
  return (view, _type, payment) => {
    const code = currency(view) ?? payment?.currency ?? null;
    return {
      id: id(view),
      amount: amount(view, code),
      currency: code,
      reason: reason(view),
      status: status(view)?.is ?? null,
      evidenceDueAt: evidenceDueAt(view),
    };
  };
}

function compilePayout(mapping: PayoutMapping, amounts: AmountUnit | undefined): ReadFact<Payout> {
  const id = compileText(mapping.id, identifier);
  const reference = compileText(mapping.reference, identifier);
  const currency = compileText(mapping.currency, currencyCode);
  const reason = compileText(mapping.reason, displayText);
  const amount = compileAmount(mapping.amount, amounts);
  return (view, canonicalType) => {
    const code = currency(view);
    return {
      id: id(view),
      reference: reference(view),
      amount: amount(view, code),
      currency: code,
      status: payoutStatusOf(canonicalType),
      reason: reason(view),
    };
  };
}

function compileSubscription(mapping: SubscriptionMapping, amounts: AmountUnit | undefined): ReadFact<Subscription> {
  const id = compileText(mapping.id, identifier);
  const status = compileText(mapping.status, identifier);
  const plan = compileText(mapping.plan, identifier);
  const currency = compileText(mapping.currency, currencyCode);
  const customer = compileCustomer(mapping.customer);
  const amount = compileAmount(mapping.amount, amounts);
  const periodEndsAt = compileTime(mapping.periodEndsAt);
  return (view) => {
    const code = currency(view);
    return {
      id: id(view),
      status: status(view),
      plan: plan(view),
      amount: amount(view, code),
      currency: code,
      periodEndsAt: periodEndsAt(view),
      customer: customer(view),
    };
  };
}

function compileCustomer(mapping: PaymentMapping['customer']): (view: RequestView) => Customer {
  const id = compileText(mapping?.id, identifier);
  const email = compileText(mapping?.email, usableEmail);
  const name = compileText(mapping?.name, displayText, joinName);
  return (view) => ({ id: id(view), email: email(view), name: name(view) });
}

function compileText(
  alternatives: string[] | undefined,
  clean: (text: string) => string | null,
  join: Join = joinId,
): (view: RequestView) => string | null {
  if (alternatives === undefined) return () => null;
  const read = compileAlternatives(alternatives, join);
  return (view) => {
    const text = read(view);
    return text === undefined ? null : clean(text);
  };
}

function compileTime(options: Occurrence | undefined): (view: RequestView) => string | null {
  const read = compileOccurrence(options);
  return (view) => {
    const atMs = read(view);
    return atMs === undefined ? null : new Date(atMs).toISOString();
  };
}

/** Codes of ISO 4217 are in upper case. Some systems write them in lower case, and the amount depends on them. */
function currencyCode(text: string): string {
  return /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : identifier(text);
}

/** The statuses are the canonical payment types without their prefix: the preset's schema lets no others through. */
function paymentStatusOf(canonicalType: string | null): Payment['status'] {
  const [noun, status] = canonicalType?.split('.') ?? [];
  return noun === 'payment' && status !== undefined ? (status as Payment['status']) : null;
}

const payoutStatuses: readonly Payout['status'][] = ['pending', 'succeeded', 'failed', 'canceled'];

function payoutStatusOf(canonicalType: string | null): Payout['status'] {
  return payoutStatuses.find((status) => canonicalType === `payout.${String(status)}`) ?? null;
}
