import { describe, expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('razorpay');

function read(event: string, entities: Record<string, object>, headers: Record<string, string> = {}) {
  const payload = Object.fromEntries(Object.entries(entities).map(([name, entity]) => [name, { entity }]));
  const request = requestWith({ headers, body: JSON.stringify({ event, payload, created_at: 1_767_225_600 }) });
  return readInbound(preset, shop, request, new Date('2026-11-25T02:00:00.000Z'))[0]!.event;
}

const payment = {
  id: 'pay_1',
  amount: 50_000,
  currency: 'INR',
  status: 'captured',
  method: 'upi',
  email: 'a@example.com',
};

describe('a captured payment', () => {
  it.each([
    'payment.captured',
    'order.paid',
    'invoice.paid',
    'payment_link.paid',
    'payment_link.partially_paid',
    'subscription.charged',
    'qr_code.credited',
    'virtual_account.credited',
  ])('is one fact, whichever webhook tells it: %s', (event) => {
    expect(read(event, { payment })).toMatchObject({ id: 'pay_1:succeeded', type: 'payment.succeeded' });
  });

  it('has the same id under another header', () => {
    const ids = ['1', '2'].map((id) => read('payment.captured', { payment }, { 'x-razorpay-event-id': id }).id);

    expect(ids).toEqual(['pay_1:succeeded', 'pay_1:succeeded']);
  });

  it('has no e-mail address if Razorpay filled one in', () => {
    const { customer } = read('payment.captured', { payment: { ...payment, email: 'void@razorpay.com' } }).payment!;

    expect(customer.email).toBeNull();
  });
});

it.each([
  [10_000, 'rfnd_1', 10_000, false],
  [50_000, 'rfnd_2', 40_000, true],
])('a refund tells itself and the running total of %s', (amount_refunded, id, amount, full) => {
  const refund = { id, payment_id: 'pay_1', amount, currency: 'INR' };

  expect(read('refund.processed', { refund, payment: { ...payment, amount_refunded } })).toMatchObject({
    id: `${id}:refunded`,
    payment: { amount: 50_000 },
    refund: { id, amount, totalRefunded: amount_refunded, full, currency: 'INR' },
  });
});
