import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const checkout = await shippedPreset('checkout_com');

function event(type: string, data: object, parts: object = {}) {
  const body = JSON.stringify({ id: `evt_${type}`, type, created_on: '2026-01-01T00:00:00Z', data, ...parts });
  return readInbound(checkout, shop, requestWith({ body }), new Date(0))[0]!.event;
}

const payment = { id: 'pay_1', action_id: 'act_1', reference: 'ORDER-1', amount: 15_000, currency: 'EUR' };
const balances = { total_authorized: 40_000, total_captured: 40_000, total_refunded: 15_000 };

it.each(['act_1', 'act_2'])('each capture of a payment is a fact of its own (%s)', (action) => {
  expect(event('payment_captured', { ...payment, action_id: action, balances })).toMatchObject({
    id: `pay_1:captured:${action}`,
    type: 'payment.succeeded',
    payment: { id: 'pay_1', amount: 15_000, requestedAmount: 40_000 },
  });
});

it.each(['act_1', 'act_2'])('each refund of a payment is a fact of its own (%s)', (action) => {
  expect(event('payment_refunded', { ...payment, action_id: action, amount: 5_000, balances })).toMatchObject({
    id: `pay_1:refunded:${action}`,
    type: 'payment.refunded',
    payment: { id: 'pay_1', amount: 40_000 },
    refund: { id: action, amount: 5_000, totalRefunded: 15_000, full: false },
  });
});

it('a refund without the totals does not take its own amount for the payment', () => {
  expect(event('payment_refunded', payment)).toMatchObject({
    payment: { amount: null },
    refund: { amount: 15_000, totalRefunded: null, full: null },
  });
});

it.each(['dispute_received', 'dispute_evidence_required'])('a dispute is opened once, also as %s', (type) => {
  const dispute = { id: 'dsp_1', payment_id: 'pay_1', amount: 100, currency: 'EUR' };

  expect(event(type, dispute)).toMatchObject({
    id: 'dsp_1:opened',
    type: 'payment.disputed',
    entity: 'pay_1',
    dispute: { id: 'dsp_1', amount: 100, status: 'open' },
  });
});

it.each([
  ['https://api.checkout.com/workflows/events/evt_1', true],
  ['https://1a2b3c4d.api.checkout.com/workflows/events/evt_1', true],
  ['https://api.sandbox.checkout.com/workflows/events/evt_1', false],
  ['https://1a2b3c4d.api.sandbox.checkout.com/workflows/events/evt_1', false],
  ['https://example.com/api.checkout.com/', null],
])('an event at %s is live: %s', (href, expected) => {
  expect(event('payment_captured', payment, { _links: { self: { href } } }).live).toBe(expected);
});

it('a payout is no payment of a customer', () => {
  expect(event('payment_returned', { ...payment, response_summary: 'Account closed' })).toMatchObject({
    type: 'payout.failed',
    payment: null,
    payout: { id: 'pay_1', reference: 'ORDER-1', amount: 15_000, reason: 'Account closed' },
  });
});

it('newer events have their time in another place', () => {
  const parts = { created_on: undefined, timestamp: '2026-01-02T00:00:00.000+00:00' };

  expect(event('dispute_lost', { id: 'dsp_1' }, parts).occurredAt).toBe('2026-01-02T00:00:00.000Z');
});
