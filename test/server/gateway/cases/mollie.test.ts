import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('mollie');

function eventOf(type: string, entityId: string, entity?: object, more: object = {}): CanonicalEvent {
  const _embedded = entity === undefined ? {} : { _embedded: { entity: { id: entityId, ...entity } } };
  const body = JSON.stringify({ resource: 'event', id: 'whe_1', type, entityId, ..._embedded, ...more });
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body });
  return readInbound(preset, shop, request, new Date('2026-01-02T03:04:05.678Z'))[0]!.event;
}

const euros = (value: string) => ({ value, currency: 'EUR' });
const payment = {
  resource: 'payment',
  mode: 'live',
  status: 'paid',
  amount: euros('24.95'),
  metadata: { order_id: 'A-1' },
};

describe('a paid payment', () => {
  it('is one fact, by whichever of two webhooks it is told', () => {
    const ids = ['whe_1', 'whe_2'].map((id) => eventOf('payment.paid', 'tr_1', payment, { id }).id);
    expect(ids).toEqual(['tr_1:paid', 'tr_1:paid']);
  });

  it.each([
    [payment, {}],
    [undefined, { fetched: { id: 'tr_1', ...payment } }],
  ])('has its amount from the snapshot or from the API: %j', (entity, more) => {
    expect(eventOf('payment.paid', 'tr_1', entity, more)).toMatchObject({
      id: 'tr_1:paid',
      type: 'payment.succeeded',
      live: true,
      payment: { id: 'tr_1', orderId: 'A-1', amount: 2495, requestedAmount: 2495, currency: 'EUR' },
    });
  });

  it.each([
    [{ ...payment, amountCaptured: euros('20.00') }, {}],
    [undefined, { fetched: { id: 'tr_1', ...payment, amountCaptured: euros('20.00') } }],
  ])('amounts to what was captured: %j', (entity, more) => {
    expect(eventOf('payment.paid', 'tr_1', entity, more).payment).toMatchObject({
      amount: 2000,
      requestedAmount: 2495,
    });
  });
});

describe('refunds', () => {
  it('are facts of their own, and do not say what the payment was', () => {
    const refund = (id: string, value: string) =>
      eventOf('refund.refunded', id, { resource: 'refund', mode: 'test', amount: euros(value), paymentId: 'tr_1' });
    expect([refund('re_1', '5.95'), refund('re_2', '4.05')]).toMatchObject([
      {
        id: 're_1:refunded',
        live: false,
        payment: { id: 'tr_1', amount: null },
        refund: { id: 're_1', amount: 595, full: null },
      },
      {
        id: 're_2:refunded',
        live: false,
        payment: { id: 'tr_1', amount: null },
        refund: { id: 're_2', amount: 405, full: null },
      },
    ]);
  });

  it.each(['queued', 'pending', 'processing', 'failed', 'canceled'])('are none yet while they are %s', (status) => {
    expect(eventOf(`refund.${status}`, 're_1', { amount: euros('5.95') }).type).toBe(`mollie:refund.${status}`);
  });
});

describe('a chargeback', () => {
  it.each([
    ['chargeback.received', 'payment.disputed', null],
    ['chargeback.reversed', 'mollie:chargeback.reversed', 'won'],
  ])('told by %s is %s', (type, canonical, status) => {
    const entity = { resource: 'chargeback', amount: euros('10.00'), reason: null, paymentId: 'tr_1' };
    expect(eventOf(type, 'chb_1', entity)).toMatchObject({
      type: canonical,
      payment: { id: 'tr_1', amount: null },
      dispute: { id: 'chb_1', amount: 1000, currency: 'EUR', status },
    });
  });
});
