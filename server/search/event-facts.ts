import type { CanonicalEvent } from '../../language/event.ts';

/** What an event can be found by. Null: the gateway does not say, or nobody could type it. */
export interface EventFacts {
  /** The merchant's reference. */
  orderId: string | null;
  /** The gateway's id of the payment. */
  paymentId: string | null;
  /** The customer's address in lower case. The inbox keeps only its hash: see `storage/customer-hash.ts`. */
  email: string | null;
  currency: string | null;
  /** Minor units: of the payment, or else of the refund, dispute, payout or subscription. */
  amount: number | null;
}

/** Finds the facts in the canonical event. */
export function factsOf(event: CanonicalEvent): EventFacts {
  const { payment, refund, dispute, payout, subscription } = event;
  const money = [
    { amount: payment?.amount ?? payment?.requestedAmount, currency: payment?.currency },
    ...[refund, dispute, payout, subscription],
  ].find((each) => typeof each?.amount === 'number');
  const email = payment?.customer.email ?? subscription?.customer.email ?? null;
  return {
    orderId: searchable(payment?.orderId ?? payout?.reference),
    paymentId: searchable(payment?.id),
    email: searchable(email?.toLowerCase()),
    currency: searchable(money?.currency),
    amount: typeof money?.amount === 'number' && Number.isSafeInteger(money.amount) ? money.amount : null,
  };
}

/** Characters. Temporal's SQL databases keep a keyword in a column of 255, and PostgreSQL indexes no long text. */
const longestFact = 255;

/** Null for what is no text, is too long for an index, or holds characters that PostgreSQL cannot store or nobody can type. */
export function searchable(text: string | null | undefined): string | null {
  if (typeof text !== 'string' || text === '' || text.length > longestFact) return null;
  return /[\p{Cc}\p{Cs}]/u.test(text) ? null : text;
}
