import { expect, it } from 'vitest';
import { factsOf } from '../../../server/search/event-facts.ts';
import { sampleEvent } from '../sample-event.ts';

const payment = sampleEvent().payment!;

it('finds what a payment can be searched by', () => {
  expect(
    factsOf(sampleEvent({ payment: { ...payment, customer: { id: null, email: 'Sari@Shop.example', name: null } } })),
  ).toEqual({
    ...{ orderId: 'ORDER-1', paymentId: 'pi_1', email: 'sari@shop.example', currency: 'IDR', amount: 2_500_000 },
  });
});

it('takes what was asked for, as long as nothing is paid', () => {
  expect(factsOf(sampleEvent({ payment: { ...payment, amount: null, requestedAmount: 700 } }))).toMatchObject({
    amount: 700,
  });
});

it.each([
  ['nothing', null],
  ['a text that no index takes', 'x'.repeat(256)],
  ['control characters', 'INV\u0000-1'],
  ['half characters', 'INV-\ud800'],
  ['an empty text', ''],
])('finds no order in %s', (_what, orderId) => {
  expect(factsOf(sampleEvent({ payment: { ...payment, orderId } }))).toMatchObject({
    orderId: null,
    paymentId: 'pi_1',
  });
});

it('finds nothing in an event that is about nothing', () => {
  expect(factsOf(sampleEvent({ payment: null }))).toEqual({
    ...{ orderId: null, paymentId: null, email: null, currency: null, amount: null },
  });
});

it('finds the amount of a payout', () => {
  const payout = { id: 'po_1', reference: 'PAY-1', amount: 500, currency: 'JPY', status: null, reason: null };
  expect(factsOf(sampleEvent({ payment: null, payout }))).toMatchObject({
    orderId: 'PAY-1',
    currency: 'JPY',
    amount: 500,
  });
});
