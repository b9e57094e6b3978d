import { describe, expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const paypal = await shippedPreset('paypal');
const api = 'https://api.paypal.com';

function event(eventType: string, resource: object, parts: object = {}) {
  const links = [{ href: `${api}/v1/notifications/webhooks-events/WH-1`, rel: 'self' }];
  const body = JSON.stringify({ id: `WH-${eventType}`, event_type: eventType, resource, links, ...parts });
  return readInbound(paypal, shop, requestWith({ body }), new Date(0))[0]!.event;
}

const capture = {
  id: 'CAP1',
  status: 'COMPLETED',
  amount: { currency_code: 'USD', value: '42.50' },
  invoice_id: 'ORDER-1',
  supplementary_data: { related_ids: { order_id: 'PAYPALORDER' } },
  links: [
    { href: `${api}/v2/payments/captures/CAP1`, rel: 'self' },
    { href: `${api}/v2/payments/captures/CAP1/refund`, rel: 'refund' },
    { href: `${api}/v2/checkout/orders/PAYPALORDER`, rel: 'up' },
  ],
};

const refund = {
  id: 'REF1',
  status: 'COMPLETED',
  amount: { currency_code: 'USD', value: '12.25' },
  invoice_id: 'ORDER-1',
  seller_payable_breakdown: { total_refunded_amount: { currency_code: 'USD', value: '20.00' } },
  links: [
    { href: `${api}/v2/payments/refunds/REF1`, rel: 'self' },
    { href: `${api}/v2/payments/captures/CAP1`, rel: 'up' },
  ],
};

describe('a capture, its refund and its dispute', () => {
  it.each([
    ['PAYMENT.CAPTURE.COMPLETED', capture],
    ['PAYMENT.CAPTURE.REFUNDED', refund],
    ['PAYMENT.CAPTURE.REVERSED', { ...refund, links: [...refund.links].reverse() }],
    ['CUSTOMER.DISPUTE.CREATED', { dispute_id: 'PP-D-1', disputed_transactions: [{ seller_transaction_id: 'CAP1' }] }],
  ])('have one entity (%s)', (eventType, resource) => {
    expect(event(eventType, resource)).toMatchObject({ entity: 'CAP1', payment: { id: 'CAP1' } });
  });
});

it('a capture succeeds once, also under another event id', () => {
  expect(event('PAYMENT.CAPTURE.COMPLETED', capture, { id: 'WH-2' })).toMatchObject({
    id: 'CAP1:succeeded',
    payment: { amount: 4_250 },
  });
});

it.each(['REF1', 'REF2'])('each refund is a fact of its own and is not the whole payment (%s)', (id) => {
  expect(event('PAYMENT.CAPTURE.REFUNDED', { ...refund, id })).toMatchObject({
    id: `${id}:refunded`,
    payment: { id: 'CAP1', orderId: 'ORDER-1', amount: null },
    refund: { id, amount: 1_225, totalRefunded: 2_000, full: null, currency: 'USD' },
  });
});

it.each([
  ['20.00', true],
  ['42.50', false],
])('a refund is full if all of the capture that is fetched is given back (%s: %s)', (value, full) => {
  const fetched = { id: 'CAP1', amount: { currency_code: 'USD', value } };

  expect(event('PAYMENT.CAPTURE.REFUNDED', refund, { fetched })).toMatchObject({
    id: 'REF1:refunded',
    payment: { id: 'CAP1', currency: 'USD' },
    refund: { amount: 1_225, totalRefunded: 2_000, full },
  });
});

it('a refund may be written with a minus sign, as PayPal once did', () => {
  const sale = { id: 'REF1', sale_id: 'SALE1', amount: { total: '-0.01', currency: 'USD' } };

  expect(event('PAYMENT.SALE.REFUNDED', sale)).toMatchObject({
    entity: 'SALE1',
    refund: { id: 'REF1', amount: 1, full: null },
  });
});

it.each([
  ['RESOLVED_BUYER_FAVOUR', 'lost'],
  ['RESOLVED_SELLER_FAVOUR', 'won'],
  ['CANCELED_BY_BUYER', 'won'],
  ['RESOLVED_WITH_PAYOUT', null],
])('a dispute with the outcome %s is %s', (code, expected) => {
  const dispute = { dispute_id: 'PP-D-1', status: 'RESOLVED', dispute_outcome: { outcome_code: code } };

  expect(event('CUSTOMER.DISPUTE.RESOLVED', dispute)).toMatchObject({
    type: 'paypal:CUSTOMER.DISPUTE.RESOLVED',
    dispute: { id: 'PP-D-1', status: expected },
  });
});

it.each([
  ['https://api.paypal.com/v1/notifications/webhooks-events/WH-1', true],
  ['https://api-m.paypal.com/v1/notifications/webhooks-events/WH-1', true],
  ['https://api.sandbox.paypal.com/v1/notifications/webhooks-events/WH-1', false],
  ['https://api-m.sandbox.paypal.com/v1/notifications/webhooks-events/WH-1', false],
  ['https://example.com/v1/notifications/webhooks-events/WH-1', null],
])('an event at %s is live: %s', (href, expected) => {
  expect(event('PAYMENT.CAPTURE.COMPLETED', capture, { links: [{ href, rel: 'self' }] }).live).toBe(expected);
});

it('does not compare a refund with a capture in another currency', () => {
  const fetched = { id: 'CAP1', amount: { currency_code: 'EUR', value: '12.25' } };

  expect(event('PAYMENT.CAPTURE.REFUNDED', refund, { fetched })).toMatchObject({
    payment: { amount: 1_225, currency: 'EUR' },
    refund: { amount: 1_225, currency: 'USD', full: null },
  });
});
