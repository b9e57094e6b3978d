import { expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { Json, JsonObject } from '../../../../language/json.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('midtrans');

/** A settled payment by QRIS. */
const settled = {
  ...{ transaction_id: 'tx-1', order_id: 'ORDER-1', transaction_status: 'settlement', status_code: '200' },
  ...{ gross_amount: '200000.00', currency: 'IDR', payment_type: 'qris', transaction_time: '2026-01-01 06:55:02' },
};
const card = { payment_type: 'credit_card', fraud_status: 'accept' };
const first = { ...{ refund_chargeback_id: 1, refund_amount: '5000.00' }, created_at: '2026-01-02 08:00:00' };
const second = { ...{ refund_chargeback_id: 2, refund_amount: '7000.00' }, created_at: '2026-01-03 08:00:00' };

function read(changes: JsonObject): CanonicalEvent & { unreadable: string | null } {
  const request = requestWith({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...settled, ...changes }),
  });
  const [only] = readInbound(preset, shop, request, new Date('2026-01-01T00:00:00Z'));
  return { ...only!.event, unreadable: only!.unreadable };
}

const refunded = (refunds: Json[], changes: JsonObject = {}) =>
  read({ transaction_status: 'partial_refund', refund_amount: '5000.00', refunds, ...changes });

it.each<[string, JsonObject]>([
  ['without a fraud status', {}],
  ['with the fraud status null', { fraud_status: null }],
  ['with an empty fraud status', { fraud_status: '' }],
  ['with the fraud status accept', { fraud_status: 'accept' }],
  ['with a refunded amount of zero', { refund_amount: '0.00' }],
  ['with a refunded amount of one', { refund_amount: '1' }],
  ['by card, when captured', { ...card, transaction_status: 'capture' }],
  ['by card, when settled', card],
])('counts a payment once: %s', (_how, changes) => {
  expect(read(changes)).toMatchObject({ id: 'tx-1:succeeded', type: 'payment.succeeded' });
});

it.each<[string, JsonObject, string]>([
  ['challenge', { ...card, transaction_status: 'capture', fraud_status: 'challenge' }, 'payment.pending'],
  ['status_code 201', { status_code: '201' }, 'midtrans:settlement'],
  ['no amount', { gross_amount: '' }, 'midtrans:settlement'],
])('does not take a capture with %s for a payment', (_why, changes, type) => {
  expect(read(changes)).toMatchObject({ type });
  expect(read(changes).id).not.toBe('tx-1:succeeded');
});

it('tells what a partial refund returned and what all refunds did', () => {
  expect(refunded([first, second], { refund_amount: '12000.00' })).toMatchObject({
    id: 'tx-1:refunded:2',
    type: 'payment.refunded',
    occurredAt: '2026-01-03T01:00:00.000Z',
    payment: { amount: 20_000_000, currency: 'IDR', status: 'refunded' },
    refund: { id: '2', amount: 700_000, totalRefunded: 1_200_000, full: false, currency: 'IDR', reason: null },
  });
});

it('reads the first of several refunds, which cancels no order', () => {
  const gopay = { transaction_id: 'tx-c3', order_id: 'INV/C3', payment_type: 'gopay' };

  expect(refunded([{ ...first, reason: 'x', refund_key: 'k1' }], gopay)).toMatchObject({
    id: 'tx-c3:refunded:1',
    type: 'payment.refunded',
    entity: 'INV/C3',
    payment: { orderId: 'INV/C3', amount: 20_000_000 },
    refund: { id: '1', amount: 500_000, totalRefunded: 500_000, full: false, currency: 'IDR', reason: 'x' },
  });
});

it('takes a pending payment for one event, in small letters and in capitals', () => {
  const pending = read({ transaction_status: 'pending', status_code: '201' });

  expect(pending).toMatchObject({ id: 'tx-1:pending', type: 'payment.pending' });
  expect(read({ transaction_status: 'PENDING', status_code: '200' })).toMatchObject({
    id: 'tx-1:pending',
    type: 'payment.pending',
  });
});

it('gives each refund of a payment an id of its own, however it is told', () => {
  const confirmed = { ...first, bank_confirmed_at: '2026-01-02 09:00:00' };

  expect(refunded([first]).id).toBe('tx-1:refunded:1');
  expect(refunded([confirmed]).id).toBe('tx-1:refunded:1');
  expect(refunded([first], { refund_amount: '1' }).id).toBe('tx-1:refunded:1');
  expect(refunded([confirmed, second]).id).toBe('tx-1:refunded:2');
});

it('takes a refund of all for a full one', () => {
  const all = { transaction_status: 'refund', refund_amount: '200000.00' };

  expect(refunded([{ ...second, refund_amount: '195000.00' }], all).refund).toMatchObject({ full: true });
});

it('tells refunds without a list apart by their total, and needs one of the two', () => {
  expect(refunded([]).id).toBe('tx-1:refunded-total:5000.00');
  expect(refunded([], { refund_amount: '12000.00' }).id).toBe('tx-1:refunded-total:12000.00');
  expect(refunded([], { refund_amount: null })).toMatchObject({
    type: 'midtrans:unreadable',
    unreadable: 'no-id: json:/refund_amount',
  });
  expect(refunded([]).refund).toEqual({
    ...{ id: null, amount: null, totalRefunded: 500_000, full: false, currency: 'IDR', reason: null },
  });
});

it.each([
  ['chargeback', 20_000_000],
  ['partial_chargeback', null],
])('reads a %s as a dispute', (transaction_status, amount) => {
  expect(read({ ...card, transaction_status })).toMatchObject({
    id: `tx-1:${transaction_status}`,
    type: 'payment.disputed',
    dispute: { id: null, amount, currency: 'IDR', status: null },
  });
});

it('knows a test of the URL by its order', () => {
  expect(read({ order_id: 'payment_notif_test_G000000001_1' }).live).toBe(false);
  expect(read({}).live).toBeNull();
});

it.each<[string, JsonObject]>([
  ['a subscription', { transaction_status: null, id: 'sub-1', status: 'active', amount: '14000' }],
  ['a linked account', { transaction_status: null, account_id: 'acc-1', account_status: 'ENABLED' }],
])('takes %s for no payment', (_what, changes) => {
  expect(read(changes)).toMatchObject({ payment: null, refund: null });
  expect(read(changes).type).toMatch(/^midtrans:/);
});
