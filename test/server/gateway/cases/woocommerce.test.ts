import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const woocommerce = await shippedPreset('woocommerce');

function read(topic: string, body: object) {
  const headers = { 'content-type': 'application/json', 'x-wc-webhook-topic': topic };
  const request = requestWith({ headers, body: JSON.stringify(body) });
  return readInbound(woocommerce, shop, request, new Date('2026-01-03T00:00:00Z')).map(({ event }) => event);
}

const order = {
  ...{ id: 727, number: '727', order_key: 'wc_order_1', status: 'processing', currency: 'IDR', total: '250000.00' },
  ...{ customer_id: 26, billing: { first_name: 'Sari', email: 'sari@example.id' }, payment_method: 'midtrans' },
  ...{ date_modified_gmt: '2026-01-01T00:00:05', date_paid_gmt: '2026-01-01T00:00:00', refunds: [] as object[] },
};

it.each([
  ['processed', 'order.updated', {}],
  ['told as created', 'order.created', {}],
  ['completed', 'order.updated', { status: 'completed', date_modified_gmt: '2026-01-02T00:00:00' }],
  ['edited', 'order.updated', { date_modified_gmt: '2026-01-02T00:00:00', customer_note: 'hadiah' }],
  ['told as something else', 'product.updated', {}],
])('counts a paid order that is %s once', (_when, topic, changes) => {
  const [event] = read(topic, { ...order, ...changes });

  expect(event).toMatchObject({ id: '727:paid', type: 'payment.succeeded', payment: { amount: 25000000 } });
});

it.each([
  ['pending', '727:pending', 'payment.pending'],
  ['on-hold', '727:pending', 'payment.pending'],
  ['failed', '727:failed', 'payment.failed'],
  ['cancelled', '727:canceled', 'payment.canceled'],
  ['processing', '727:processing:2026-01-01T00%3A00%3A05', 'woocommerce:order.updated'],
])('reads an order that is %s and not paid as %s', (status, id, type) => {
  const [event] = read('order.updated', { ...order, status, date_paid_gmt: null });

  expect(event).toMatchObject({ id, type, payment: { amount: null, requestedAmount: 25000000 } });
});

it('counts each refund of an order once', () => {
  const refunds = [
    { id: 731, reason: '', total: '-20000.00' },
    { id: 732, reason: 'rusak', total: '-30000.00' },
  ];

  expect(read('order.updated', { ...order, refunds })).toMatchObject([
    { id: '727:paid', type: 'payment.succeeded' },
    { id: 'refund:731', type: 'payment.refunded', entity: '727', refund: { amount: 2000000, full: false } },
    { id: 'refund:732', type: 'payment.refunded', entity: '727', refund: { amount: 3000000, reason: 'rusak' } },
  ]);
  expect(read('order.updated', { ...order, status: 'completed', refunds: refunds.slice(0, 1) })).toMatchObject([
    { id: '727:paid' },
    { id: 'refund:731' },
  ]);
});

it.each([
  ['with its refund', [{ id: 731, reason: '', total: '-250000.00' }], 'refund:731', 25000000],
  ['by hand', [], '727:refunded', null],
])('tells that an order is refunded in full %s', (_how, refunds, id, amount) => {
  const events = read('order.updated', { ...order, status: 'refunded', refunds });

  expect(events.filter(({ type }) => type === 'payment.refunded')).toMatchObject([
    { id, payment: { amount: 25000000 }, refund: { amount, full: true } },
  ]);
});

it('takes a subscription for no payment, whatever its topic', () => {
  const subscription = { ...order, billing_period: 'month', status: 'active' };
  const told = ['subscription.created', 'subscription.updated', 'order.updated'].map(
    (topic) => read(topic, subscription)[0]!,
  );

  expect(told.map(({ type }) => type)).toEqual([
    'subscription.created',
    'subscription.updated',
    'subscription.updated',
  ]);
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  expect(told[0]!.payment).toBeNull();
});
