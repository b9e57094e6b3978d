import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('mercadopago');
const receivedAt = new Date('2026-11-25T02:00:00.000Z');

/** The events of what Mercado Pago answers about a payment. */
function eventsOf(parts: object): CanonicalEvent[] {
  const payment = {
    ...{ id: 1, status: 'approved', currency_id: 'BRL', transaction_amount: 100, external_reference: 'ORDER-1' },
    ...parts,
  };
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(payment) });
  return readInbound(preset, shop, request, receivedAt).map(({ event }) => event);
}

const refund = (id: number, amount: number) => ({ id, payment_id: 1, amount, status: 'approved' });
const idAndType = ({ id, type }: CanonicalEvent) => [id, type];

describe('an approved payment', () => {
  it.each([{}, { transaction_amount_refunded: 0 }, { transaction_amount_refunded: null }, { refunds: [] }])(
    'succeeds once, whether or not it tells that nothing was refunded: %j',
    (parts) => {
      expect(eventsOf(parts).map(idAndType)).toEqual([['1:succeeded', 'payment.succeeded']]);
    },
  );

  it('tells each refund with its own amount, the total, and the whole payment', () => {
    const parts = { transaction_amount_refunded: 30, refunds: [refund(5, 10), refund(6, 20)] };

    expect(eventsOf(parts).map(idAndType)).toEqual([
      ['1:succeeded', 'payment.succeeded'],
      ['refund:5', 'payment.refunded'],
      ['refund:6', 'payment.refunded'],
    ]);
    expect(eventsOf(parts)[1]).toMatchObject({
      payment: { id: '1', orderId: 'ORDER-1', amount: 10_000 },
      refund: { id: '5', amount: 1_000, totalRefunded: 3_000, full: false, currency: 'BRL' },
    });
  });
});

describe('a refunded payment', () => {
  it('is refunded in full by the refund that the answer lists', () => {
    const events = eventsOf({ status: 'refunded', transaction_amount_refunded: 100, refunds: [refund(5, 100)] });

    expect(events.map(idAndType)).toEqual([
      ['1:refunded', 'mercadopago:payment.refunded'],
      ['refund:5', 'payment.refunded'],
    ]);
    expect(events[1]!.refund).toMatchObject({ amount: 10_000, full: true });
  });

  it('is told by itself if the answer lists no refunds', () => {
    expect(eventsOf({ status: 'refunded', transaction_amount_refunded: 100 })).toMatchObject([
      { id: '1:refunded', type: 'payment.refunded', refund: { amount: null, totalRefunded: 10_000, full: true } },
    ]);
  });
});

describe('a chargeback', () => {
  it.each([
    ['in_process', 'open'],
    ['settled', 'lost'],
    ['reimbursed', 'won'],
  ])('that is %s is %s', (detail, status) => {
    expect(eventsOf({ status: 'charged_back', status_detail: detail })).toMatchObject([
      { id: '1:charged_back', type: 'payment.disputed', dispute: { status } },
    ]);
  });
});

it.each([
  [true, true],
  [false, false],
  [undefined, null],
])('a payment whose live_mode is %s has live %s', (live_mode, live) => {
  expect(eventsOf({ live_mode })[0]!.live).toBe(live);
});

it.each(['topic_merchant_order_wh', 'subscription_authorized_payment', 'topic_claims_integration_wh', 'delivery'])(
  'nothing is asked about a notice of %s',
  (type) => {
    const notice = requestWith({ body: JSON.stringify({ type, data: { id: '1' } }) });
    const view = createRequestView(notice, preset.body, {});

    expect(preset.unasked(view)).toEqual(expect.any(String));
  },
);
