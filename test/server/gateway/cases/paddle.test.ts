import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('paddle');

function eventOf(event_type: string, data: object, event_id = 'evt_1'): CanonicalEvent {
  const body = JSON.stringify({ event_id, event_type, occurred_at: '2026-01-01T00:00:00Z', data });
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body });
  return readInbound(preset, shop, request, new Date('2026-01-02T03:04:05.678Z'))[0]!.event;
}

const totals = { total: '2000', grand_total: '1500' };
const transaction = { id: 'txn_1', currency_code: 'USD', details: { totals } };
const adjustment = {
  id: 'adj_1',
  transaction_id: 'txn_1',
  currency_code: 'USD',
  totals: { total: '500' },
  status: 'approved',
};

it('counts a transaction once, whether it is paid, completed or both', () => {
  const events = ['transaction.paid', 'transaction.completed'].map((type, index) =>
    eventOf(type, transaction, `evt_${index}`),
  );
  expect(events.map(({ id, type }) => [id, type])).toEqual([
    ['txn_1:paid', 'payment.succeeded'],
    ['txn_1:paid', 'payment.succeeded'],
  ]);
  expect(events[0]?.payment).toMatchObject({ amount: 1500, requestedAmount: 1500, currency: 'USD' });
});

it('says what was asked for, not paid, if a payment fails', () => {
  expect(eventOf('transaction.payment_failed', transaction).payment).toMatchObject({
    amount: null,
    requestedAmount: 1500,
  });
});

describe('a refund', () => {
  it.each([
    ['partial', null],
    ['full', true],
  ])('that is %s is full: %s, and the payment’s amount is unknown', (type, full) => {
    expect(eventOf('adjustment.created', { ...adjustment, action: 'refund', type })).toMatchObject({
      id: 'adj_1:approved',
      type: 'payment.refunded',
      payment: { id: 'txn_1', amount: null },
      refund: { id: 'adj_1', amount: 500, totalRefunded: null, full, currency: 'USD' },
    });
  });

  it('counts once, however often Paddle changes it after the approval', () => {
    const data = { ...adjustment, action: 'refund' };
    const ids = ['adjustment.created', 'adjustment.updated', 'adjustment.updated'].map(
      (type, index) => eventOf(type, data, `evt_${index}`).id,
    );
    expect(ids).toEqual(['adj_1:approved', 'adj_1:approved', 'adj_1:approved']);
  });

  it.each(['pending_approval', 'rejected', 'reversed'])('is none while it is %s', (status) => {
    expect(eventOf('adjustment.updated', { ...adjustment, action: 'refund', status }).type).toBe(
      'paddle:adjustment.updated',
    );
  });
});

describe('a chargeback', () => {
  it.each([
    ['chargeback', 'approved', 'payment.disputed', null],
    ['chargeback', 'reversed', 'paddle:adjustment.created', 'won'],
    ['chargeback_reverse', 'approved', 'paddle:adjustment.created', 'won'],
    ['chargeback_warning', 'approved', 'paddle:adjustment.created', 'open'],
  ])('with the action %s and the status %s is %s', (action, status, type, disputeStatus) => {
    expect(eventOf('adjustment.created', { ...adjustment, action, status })).toMatchObject({
      type,
      dispute: { id: 'adj_1', amount: 500, currency: 'USD', status: disputeStatus },
      refund: null,
    });
  });
});

it('reads payouts in minor units', () => {
  expect(eventOf('payout.paid', { id: 'pay_1', amount: '125000', currency_code: 'USD' })).toMatchObject({
    type: 'payout.succeeded',
    payout: { id: 'pay_1', amount: 125000, currency: 'USD', status: 'succeeded' },
  });
});
