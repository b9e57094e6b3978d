import { expect, it } from 'vitest';
import { balancesOf } from '../../console/pages/find/balances.ts';

type Event = Parameters<typeof balancesOf>[0][number];
type Refund = NonNullable<Event['refund']>;

const base = {
  ...{ source: 'stripe', state: 'dispatched' as const, receivedAt: '2026-11-28T10:00:00.000Z', orderId: 'INV-9' },
  ...{
    currency: 'IDR',
    amount: null,
    paymentId: 'pi_1',
    refund: null,
    duplicates: 0,
    redeliveries: [],
    lastError: null,
  },
};
let count = 0;
const paid = (amount: number | null, about: Partial<Event> = {}): Event => {
  return { ...base, eventId: `e${(count += 1)}`, type: 'payment.succeeded', amount, ...about };
};
const refunded = (refund: Partial<Refund>, about: Partial<Event> = {}): Event => ({
  ...{ ...base, eventId: `e${(count += 1)}`, type: 'payment.refunded', amount: 900 },
  refund: { id: null, amount: null, totalRefunded: null, full: null, currency: null, reason: null, ...refund },
  ...about,
});
const idr = (
  paidMinor: string | null,
  givenBack: string | null,
  remains: string | null,
  problem: string | null = null,
) => {
  return { currency: 'IDR', paid: paidMinor, givenBack, remains, problem };
};

it('adds up two payments of an order, and keeps currencies apart', () => {
  const events = [paid(300), paid(900, { paymentId: 'pi_2' }), paid(5, { source: 'adyen', currency: 'USD' })];
  expect(balancesOf(events)).toEqual([
    idr('1200', '0', '1200'),
    { currency: 'USD', paid: '5', givenBack: '0', remains: '5', problem: null },
  ]);
});

it('is exact where the sum of numbers would be rounded', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const events = [paid(most), paid(most, { paymentId: 'pi_2' }), refunded({ amount: 1 })];
  expect(balancesOf(events)).toEqual([idr('18014398509481982', '1', '18014398509481981')]);
});

it('knows no money before something is paid', () => {
  expect(balancesOf([paid(900, { type: 'payment.pending' }), paid(900, { type: 'payment.disputed' })])).toEqual([]);
});

it('counts a payment once however often it is told', () => {
  expect(balancesOf([paid(900), paid(900), paid(null)])).toEqual([idr('900', '0', '900')]);
});

it.each<[string, Event[], ReturnType<typeof idr>]>([
  [
    'the amounts of refunds',
    [refunded({ id: 'r1', amount: 200 }), refunded({ id: 'r2', amount: 300 })],
    idr('900', '500', '400'),
  ],
  [
    'a refund that is told twice',
    [refunded({ id: 'r1', amount: 200 }), refunded({ id: 'r1', amount: 200 })],
    idr('900', '200', '700'),
  ],
  ['a running total', [refunded({ totalRefunded: 500 }), refunded({ totalRefunded: 200 })], idr('900', '500', '400')],
  [
    'a total beyond the refunds that have arrived',
    [refunded({ id: 'r2', amount: 300, totalRefunded: 500 })],
    idr('900', '500', '400'),
  ],
  ['a full refund without an amount', [refunded({ full: true })], idr('900', '900', '0')],
])('takes what was given back from %s', (_what, refunds, balance) => {
  expect(balancesOf([...refunds, paid(900)])).toEqual([balance]);
});

it.each<[string, Event[], ReturnType<typeof idr>]>([
  ['a payment is told with two amounts', [paid(900), paid(800)], idr(null, '0', null, 'contradictory')],
  [
    'a refund is told with two amounts',
    [paid(900), refunded({ id: 'r', amount: 1 }), refunded({ id: 'r', amount: 2 })],
    idr('900', null, null, 'contradictory'),
  ],
  [
    'the refunds are more than their total',
    [paid(900), refunded({ id: 'r', amount: 600, totalRefunded: 500 })],
    idr('900', null, null, 'contradictory'),
  ],
  [
    'a full refund is not the whole payment',
    [paid(900), refunded({ amount: 600, full: true })],
    idr('900', null, null, 'contradictory'),
  ],
  [
    'more is given back than was paid',
    [paid(900), refunded({ amount: 901 })],
    idr('900', '901', null, 'contradictory'),
  ],
  ['no webhook has the amount of a payment', [paid(null)], idr(null, '0', null, 'untold')],
  ['no webhook has the amount of a refund', [paid(900), refunded({})], idr('900', null, null, 'untold')],
  ['a refund has arrived and its payment has not', [refunded({ amount: 600 })], idr(null, '600', null, 'untold')],
])('guesses nothing if %s', (_what, events, balance) => {
  expect(balancesOf(events)).toEqual([balance]);
});

it('does not subtract a refund in one currency from a payment in another', () => {
  expect(balancesOf([paid(900), refunded({ amount: 5, currency: 'USD' })])).toEqual([
    idr('900', '0', '900'),
    { currency: 'USD', paid: null, givenBack: '5', remains: null, problem: 'untold' },
  ]);
});

it('does not know what one payment paid if it is told in two currencies', () => {
  expect(balancesOf([paid(900), paid(5, { currency: 'USD' })]).map((each) => each.problem)).toEqual([
    'contradictory',
    'contradictory',
  ]);
});
