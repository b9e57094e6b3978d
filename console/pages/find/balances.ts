import type { components } from '../../../cli/api-types.ts';

type FoundEvent = components['schemas']['Found']['events'][number];

/** What became of the money of some payments, in one currency. Minor units as digits, exact. Null: the webhooks do not tell. */
export interface Balance {
  /** Null: no webhook names it. */
  currency: string | null;
  paid: string | null;
  givenBack: string | null;
  remains: string | null;
  /** Why something is null. `contradictory`: two webhooks cannot both be right. `untold`: none has the amount. */
  problem: 'contradictory' | 'untold' | null;
}

type Problem = Balance['problem'];
interface Amount {
  value: bigint | null;
  problem: Problem;
}
type Currency = string | null;

/**
 * What was paid, given back and remains, for each currency. A payment counts once however often it is told, and so does a refund. Nothing is
 * guessed: where webhooks are missing or contradict each other, there is no sum.
 */
export function balancesOf(events: readonly FoundEvent[]): Balance[] {
  const told = events.filter(({ type }) => type === 'payment.succeeded' || type === 'payment.refunded');
  const payments = [...groupBy(told, paymentOf).values()];
  const parts = payments.flatMap((payment) => [...partsOf(payment)]);
  return [...groupBy(parts, ([currency]) => currency)].map(([currency, ofCurrency]) => {
    const paid = sumOf(ofCurrency.map(([, part]) => part.paid));
    const givenBack = sumOf(ofCurrency.map(([, part]) => part.givenBack));
    const left = paid.value === null || givenBack.value === null ? null : paid.value - givenBack.value;
    const isTooMuch = left !== null && left < 0n;
    return {
      ...{ currency, paid: shown(paid.value), givenBack: shown(givenBack.value) },
      remains: isTooMuch ? null : shown(left),
      problem: isTooMuch ? 'contradictory' : worse(paid.problem, givenBack.problem),
    };
  });
}

const nothing: Amount = { value: 0n, problem: null };
const untold: Amount = { value: null, problem: 'untold' };
const contradictory: Amount = { value: null, problem: 'contradictory' };

/** Events without a payment's id are about one each. */
function paymentOf({ source, paymentId, eventId }: FoundEvent): string {
  return JSON.stringify([source, paymentId, paymentId === null ? eventId : null]);
}

/** Of one payment, which may have been given back in another currency than it was paid in. */
function partsOf(events: readonly FoundEvent[]): Map<Currency, { paid: Amount; givenBack: Amount }> {
  const paid = groupBy(
    events.filter(({ type }) => type === 'payment.succeeded'),
    ({ currency }) => currency,
  );
  const refunds = groupBy(
    events.filter(({ type }) => type === 'payment.refunded'),
    ({ refund, currency }) => refund?.currency ?? currency,
  );
  const isOneCurrency = paid.size < 2;
  return new Map(
    [...new Set([...paid.keys(), ...refunds.keys()])].map((currency) => {
      const amount = isOneCurrency ? paidOf(paid.get(currency) ?? []) : contradictory;
      return [currency, { paid: amount, givenBack: givenBackOf(refunds.get(currency) ?? [], amount) }];
    }),
  );
}

function paidOf(events: readonly FoundEvent[]): Amount {
  const amounts = new Set(events.map(({ amount }) => amount).filter((amount) => amount !== null));
  const [amount] = amounts;
  if (amount === undefined) return untold;
  return amounts.size === 1 ? known(BigInt(amount)) : contradictory;
}

/** Gateways tell what one refund gives back, what all have given back so far, both, or neither. */
function givenBackOf(events: readonly FoundEvent[], paid: Amount): Amount {
  if (events.length === 0) return nothing;
  const refunds = [...groupBy(events, ({ refund, eventId }) => refund?.id ?? `event ${eventId}`).values()].map(
    refundOf,
  );
  const totals = events
    .map(({ refund }) => refund?.totalRefunded ?? null)
    .filter((each) => each !== null)
    .map(BigInt);
  const total = totals.reduce((one, other) => (one > other ? one : other), 0n);
  const sum = sumOf(refunds);
  if (sum.problem === 'contradictory') return contradictory;
  const isFull = events.some(({ refund }) => refund?.full === true);
  const isTotalTold = totals.length === events.length;
  if (isTotalTold && sum.value !== null && sum.value > total) return contradictory;
  const least = sum.value === null || total > sum.value ? total : sum.value;
  if (isFull && paid.value !== null) return sum.value !== null && least !== paid.value ? contradictory : paid;
  return sum.value !== null || isTotalTold ? known(least) : untold;
}

/** One refund, which may have been told more than once. */
function refundOf(events: readonly FoundEvent[]): Amount {
  const amounts = new Set(events.map(({ refund }) => refund?.amount ?? null).filter((amount) => amount !== null));
  const [amount] = amounts;
  if (amount === undefined) return untold;
  return amounts.size === 1 ? known(BigInt(amount)) : contradictory;
}

function known(value: bigint): Amount {
  return { value, problem: null };
}

function sumOf(amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (one, other) => ({
      value: one.value === null || other.value === null ? null : one.value + other.value,
      problem: worse(one.problem, other.problem),
    }),
    nothing,
  );
}

function worse(one: Problem, other: Problem): Problem {
  return one === 'contradictory' || other === 'contradictory' ? 'contradictory' : (one ?? other);
}

function shown(value: bigint | null): string | null {
  return value === null ? null : String(value);
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
