import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const shopify = await shippedPreset('shopify');

function read(topic: string, body: object, eventId = '98880550-7158-44d4-b7cd-2c97c8a091b5') {
  const headers = {
    'content-type': 'application/json',
    'x-shopify-topic': topic,
    'x-shopify-shop-domain': 'toko-kopi.example.com',
    'x-shopify-api-version': '2026-01',
    'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
    'x-shopify-event-id': eventId,
  };
  const request = requestWith({ headers, body: JSON.stringify(body) });
  return readInbound(shopify, shop, request, new Date('2026-11-20T04:00:00Z')).map(({ event }) => event);
}

const order = {
  id: 4500000000001,
  admin_graphql_api_id: 'gid://shopify/Order/4500000000001',
  name: '#C5',
  test: false,
  financial_status: 'paid',
  total_price: '250000.00',
  total_outstanding: '0.00',
  currency: 'IDR',
  email: 'a@example.com',
  created_at: '2026-11-20T10:00:00+07:00',
  updated_at: '2026-11-20T10:00:05+07:00',
};
const paid = 'gid%3A//shopify/Order/4500000000001:paid';

it.each([
  ['under another event id', 'orders/paid', {}, 'another'],
  ['under another topic', 'orders/updated', {}, undefined],
  ['when it is created', 'orders/create', {}, undefined],
  ['when it is edited', 'orders/updated', { updated_at: '2026-11-21T10:00:00+07:00', note: 'hadiah' }, undefined],
])('counts a paid order that is told %s once', (_when, topic, changes, eventId) => {
  const [event] = read(topic, { ...order, ...changes }, eventId);

  expect(event).toMatchObject({ id: paid, type: 'payment.succeeded', nativeType: 'orders/paid', live: true });
  expect(event!.payment).toMatchObject({ id: '4500000000001', orderId: '#C5', amount: 25000000, currency: 'IDR' });
});

it.each([
  ['pending', null, 'payment.pending', 'gid%3A//shopify/Order/4500000000001:pending', null],
  ['authorized', null, 'payment.pending', 'gid%3A//shopify/Order/4500000000001:authorized', null],
  ['partially_paid', null, 'payment.pending', 'gid%3A//shopify/Order/4500000000001:partially_paid', 15000000],
  ['pending', '2026-11-21T10:00:00+07:00', 'payment.canceled', 'gid%3A//shopify/Order/4500000000001:canceled', null],
  ['voided', '2026-11-21T10:00:00+07:00', 'payment.canceled', 'gid%3A//shopify/Order/4500000000001:canceled', null],
])('reads an order that is %s, canceled at %s, as %s', (financial_status, cancelled_at, type, id, amount) => {
  const [event] = read('orders/updated', { ...order, financial_status, cancelled_at, total_outstanding: '100000.00' });

  expect(event).toMatchObject({ id, type });
  expect(event!.payment).toMatchObject({ amount, requestedAmount: 25000000 });
});

it.each(['paid', 'partially_refunded', 'refunded'])(
  'has nothing delivered for a canceled order that was %s',
  (status) => {
    const [event] = read('orders/cancelled', {
      ...order,
      financial_status: status,
      cancelled_at: '2026-11-21T10:00:00+07:00',
    });

    expect(event).toMatchObject({ type: 'shopify:orders/cancelled', nativeType: 'orders/cancelled' });
  },
);

it('takes an order for a test if it says so', () => {
  expect(read('orders/paid', { ...order, test: true })[0]!.live).toBe(false);
});

const refundOf = (id: number, amount: string) => ({
  id,
  admin_graphql_api_id: `gid://shopify/Refund/${id}`,
  order_id: order.id,
  processed_at: '2026-11-22T10:00:00+07:00',
  transactions: [{ id: id + 1, kind: 'refund', status: 'success', amount, currency: 'IDR', test: false }],
});

it('counts each refund once, whether it is told alone or with its order', () => {
  const alone = read('refunds/create', refundOf(7001, '1000.00'));
  const together = read('orders/updated', {
    ...order,
    financial_status: 'partially_refunded',
    refunds: [refundOf(7001, '1000.00'), refundOf(7003, '2000.00')],
  });

  expect(alone).toMatchObject([
    { id: 'gid://shopify/Refund/7001', type: 'payment.refunded', live: true, refund: { amount: 100000, full: null } },
  ]);
  expect(together).toMatchObject([
    { type: 'shopify:orders/updated' },
    { id: 'gid://shopify/Refund/7001', type: 'payment.refunded', refund: { amount: 100000, full: false } },
    { id: 'gid://shopify/Refund/7003', type: 'payment.refunded', refund: { amount: 200000, full: false } },
  ]);
});

it('adds up a refund to two means of payment, and leaves more of them open', () => {
  const [transaction] = refundOf(7001, '1000.00').transactions;
  const amounts = [2, 3].map((count) => {
    const transactions = Array.from({ length: count }, () => transaction!);
    return read('refunds/create', { ...refundOf(7001, '1000.00'), transactions })[0]!.refund?.amount;
  });

  expect(amounts).toEqual([200000, null]);
});

it.each([
  ['has no transaction', []],
  ['is still pending', [{ id: 1, kind: 'refund', status: 'pending', amount: '1000.00', currency: 'IDR' }]],
  ['voids an authorization', [{ id: 1, kind: 'void', status: 'success', amount: '1000.00', currency: 'IDR' }]],
])('takes a refund that %s for none', (_what, transactions) => {
  expect(read('refunds/create', { ...refundOf(7001, '1000.00'), transactions })[0]!.type).toBe(
    'shopify:refunds/create',
  );
});

it.each([
  ['needs_response', 'dispute:9001:open', 'payment.disputed', 'open'],
  ['under_review', 'dispute:9001:open', 'payment.disputed', 'open'],
  ['won', 'dispute:9001:won', 'shopify:disputes/update', 'won'],
  ['lost', 'dispute:9001:lost', 'shopify:disputes/update', 'lost'],
  ['accepted', 'dispute:9001:accepted', 'shopify:disputes/update', 'lost'],
  ['charge_refunded', 'dispute:9001:charge_refunded', 'shopify:disputes/update', null],
])('takes a dispute for one, and tells that it is %s', (status, id, type, known) => {
  const [event] = read('disputes/update', {
    ...{ id: 9001, order_id: order.id, type: 'chargeback', amount: '11.50', currency: 'USD', reason: 'fraudulent' },
    ...{ status, evidence_due_by: '2026-12-01T16:00:00+07:00', initiated_at: '2026-11-22T10:00:00+07:00' },
  });

  expect(event).toMatchObject({ id, type, entity: '4500000000001' });
  expect(event!.dispute).toEqual({
    ...{ id: '9001', amount: 1150, currency: 'USD', reason: 'fraudulent', status: known },
    evidenceDueAt: '2026-12-01T09:00:00.000Z',
  });
});

it.each([
  ['sale', 'failure', 'payment.failed'],
  ['capture', 'error', 'payment.failed'],
  ['capture', 'success', 'shopify:order_transactions/create'],
  ['refund', 'success', 'shopify:order_transactions/create'],
])('reads a transaction of the kind %s with the status %s as %s', (kind, status, type) => {
  const id = 'gid://shopify/OrderTransaction/6001';
  const [event] = read('order_transactions/create', {
    ...{ id: 6001, admin_graphql_api_id: id, order_id: order.id, kind, status, amount: '1.00', currency: 'USD' },
  });

  expect(event!.type).toBe(type);
});

it('knows other events by their bodies', () => {
  const product = { id: 1, admin_graphql_api_id: 'gid://shopify/Product/1', title: 'Kopi' };
  const ids = ['products/create', 'products/update'].map((topic) => read(topic, product, topic)[0]!.id);

  expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(ids[1]).toBe(ids[0]);
});
