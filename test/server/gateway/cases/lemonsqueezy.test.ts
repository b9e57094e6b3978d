import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('lemonsqueezy');

function eventOf(body: object): CanonicalEvent {
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return readInbound(preset, shop, request, new Date('2026-01-02T03:04:05.678Z'))[0]!.event;
}

const order = {
  order_number: 7,
  status: 'paid',
  total: 4250,
  refunded_amount: 0,
  currency: 'USD',
  updated_at: '2026-01-01T00:00:00Z',
};
const webhook = (event_name: string, attributes: object, type = 'orders') => ({
  meta: { event_name, test_mode: false },
  data: { type, id: '1', attributes },
});
const listed = (attributes: object) => ({ type: 'orders', id: '1', attributes: { test_mode: false, ...attributes } });

describe('an order', () => {
  it.each([order, { ...order, updated_at: '2026-01-09T00:00:00Z' }, { ...order, refunded_amount: 5 }])(
    'succeeds once, however often it has changed since: %j',
    (attributes) => {
      expect(eventOf(webhook('order_created', attributes))).toMatchObject({
        id: 'orders:1:paid',
        type: 'payment.succeeded',
        live: true,
        payment: { amount: 4250, requestedAmount: 4250 },
      });
    },
  );

  it.each([
    ['order_created', order],
    ['order_created', { ...order, status: 'pending' }],
    ['order_created', { ...order, status: 'failed' }],
    ['order_refunded', { ...order, status: 'partial_refund', refunded_amount: 1250 }],
    ['order_refunded', { ...order, status: 'refunded', refunded_amount: 4250 }],
  ])('from the list is the same event as by its webhook %s: %j', (name, attributes) => {
    const told = { ...eventOf(webhook(name, attributes)), data: null };
    expect({ ...eventOf(listed(attributes)), data: null }).toEqual(told);
  });

  it.each([
    ['live', false, true],
    ['a test', true, false],
  ])('is %s if test_mode is %s', (_what, test_mode, live) => {
    expect(eventOf({ ...webhook('order_created', order), meta: { event_name: 'order_created', test_mode } }).live).toBe(
      live,
    );
  });
});

describe('refunds', () => {
  it('are facts of their own, told apart by the total', () => {
    const totals = [1250, 2000, 4250];
    const events = totals.map((refunded_amount) =>
      eventOf(webhook('order_refunded', { ...order, status: 'partial_refund', refunded_amount })),
    );
    expect(events.map(({ id, refund }) => [id, refund?.amount, refund?.totalRefunded, refund?.full])).toEqual([
      ['orders:1:refunded:1250', null, 1250, false],
      ['orders:1:refunded:2000', null, 2000, false],
      ['orders:1:refunded:4250', null, 4250, true],
    ]);
    expect(events[0]?.payment?.amount).toBe(4250);
  });
});

describe('an invoice of a subscription', () => {
  const invoice = { ...order, billing_reason: 'renewal', subscription_id: 9, total: 999 };

  it('that is recovered has succeeded once', () => {
    const ids = ['subscription_payment_success', 'subscription_payment_recovered'].map(
      (name) => eventOf(webhook(name, invoice, 'subscription-invoices')).id,
    );
    expect(ids).toEqual(['subscription-invoices:1:paid', 'subscription-invoices:1:paid']);
  });

  it('fails once for each attempt, and names the subscription', () => {
    const attempts = ['2026-02-01T00:00:00Z', '2026-02-03T00:00:00Z'].map((updated_at) =>
      eventOf(
        webhook('subscription_payment_failed', { ...invoice, status: 'pending', updated_at }, 'subscription-invoices'),
      ),
    );
    expect(new Set(attempts.map(({ id }) => id)).size).toBe(2);
    expect(attempts[0]).toMatchObject({
      type: 'payment.failed',
      payment: { amount: null, requestedAmount: 999 },
      subscription: { id: '9' },
    });
  });
});
