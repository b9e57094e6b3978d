import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const commerce = await shippedPreset('coinbase_commerce');
const cdp = await shippedPreset('coinbase_cdp');
const receivedAt = new Date('2026-01-03T00:00:00Z');

function read(preset: typeof cdp, body: object) {
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return readInbound(preset, shop, request, receivedAt).map(({ event }) => event);
}

function charge(type: string, paid: string[], eventId = 'event-1') {
  const payments = paid.map((amount) => ({ network: 'base', value: { local: { amount, currency: 'USD' } } }));
  const data = { code: 'XA6G6ZFR', pricing: { local: { amount: '15.50', currency: 'USD' } }, payments };
  return read(commerce, { id: 'delivery', event: { id: eventId, type, created_at: '2026-01-01T00:00:00Z', data } })[0]!;
}

it('counts a confirmed charge once, whatever event tells it', () => {
  const ids = ['event-1', 'event-2'].map((eventId) => charge('charge:confirmed', ['15.50'], eventId).id);

  expect(ids).toEqual(['XA6G6ZFR:charge%3Aconfirmed', 'XA6G6ZFR:charge%3Aconfirmed']);
});

it.each([
  ['as asked', 'charge:confirmed', ['15.50'], 'payment.succeeded', 1550],
  ['with too much', 'charge:confirmed', ['20.00'], 'payment.succeeded', 2000],
  ['with too little', 'charge:failed', ['9.30'], 'payment.failed', 930],
  ['twice', 'charge:failed', ['9.30', '1.20'], 'payment.failed', 1050],
  ['in three parts, which are not added up', 'charge:confirmed', ['5', '5', '5.50'], 'payment.succeeded', null],
  ['not at all', 'charge:failed', [], 'payment.failed', null],
  ['late', 'charge:delayed', ['15.50'], 'coinbase_commerce:charge:delayed', 1550],
])('tells what arrived for a charge that is paid %s', (_how, type, paid, canonical, amount) => {
  expect(charge(type, paid)).toMatchObject({
    type: canonical,
    payment: { amount, requestedAmount: 1550, currency: 'USD' },
  });
});

it('counts each completed refund of a checkout once', () => {
  const checkout = { id: 'checkout-1', amount: '100.00', currency: 'USD', eventType: 'checkout.refund.success' };
  const refund = (id: string, status: string) => ({ id, amount: '10.00', currency: 'USD', status });
  const refunds = [refund('rf_1', 'COMPLETED'), refund('rf_2', 'PENDING')];
  const told = { ...checkout, status: 'PARTIALLY_REFUNDED', updatedAt: '2026-01-02T00:00:00Z' };
  const later = [refunds[0], refund('rf_2', 'COMPLETED')];
  const refunded = (body: object) => read(cdp, body).filter(({ type }) => type === 'payment.refunded');

  expect(refunded({ ...told, refunds })).toMatchObject([
    { id: 'checkout-1:refund:rf_1', payment: { amount: 10000 }, refund: { id: 'rf_1', amount: 1000, full: false } },
  ]);
  expect(refunded({ ...told, refunds: later }).map(({ id }) => id)).toEqual([
    'checkout-1:refund:rf_1',
    'checkout-1:refund:rf_2',
  ]);
  expect(refunded(told)).toMatchObject([{ refund: { id: null, amount: null, full: false } }]);
});
