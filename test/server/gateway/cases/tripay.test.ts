import { expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { JsonObject } from '../../../../language/json.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('tripay');
const paid = { reference: 'T1', merchant_ref: 'ORDER-1', total_amount: 50_000, status: 'PAID', paid_at: 1_767_225_600 };

function read(changes: JsonObject, callbackEvent = 'payment_status'): CanonicalEvent {
  const request = requestWith({
    headers: { 'content-type': 'application/json', 'x-callback-event': callbackEvent },
    body: JSON.stringify({ ...paid, ...changes }),
  });
  return readInbound(preset, shop, request, new Date('2026-01-01T00:00:00Z'))[0]!.event;
}

it('counts a payment once, in its callback and in the list of transactions', () => {
  expect(read({ is_closed_payment: 1 })).toMatchObject({ id: 'T1:PAID', type: 'payment.succeeded' });
  expect(read({ amount: 50_000, total_amount: null, paid_at: null }).id).toBe('T1:PAID');
  expect(read({}, 'other').id).toBe('T1:PAID');
});

it('counts each payment to an open number', () => {
  const open = { merchant_ref: null, is_closed_payment: 0 };

  expect(read(open).id).toBe('T1:PAID:1767225600:50000');
  expect(read({ ...open, paid_at: 1_767_225_700 }).id).toBe('T1:PAID:1767225700:50000');
});

it('reads a refund, whose amount nobody tells', () => {
  expect(read({ status: 'REFUND' })).toMatchObject({
    id: 'T1:REFUND',
    type: 'payment.refunded',
    payment: { amount: 5_000_000 },
    refund: { amount: null, totalRefunded: null, full: null, currency: 'IDR' },
  });
});
