import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('paystack');

function read(event: string, data: object) {
  const request = requestWith({ body: JSON.stringify({ event, data }) });
  return readInbound(preset, shop, request, new Date('2026-11-25T02:00:00.000Z'))[0]!;
}

it.each([
  ['live', true],
  ['test', false],
  [undefined, null],
])('a charge of the domain %s is live: %s', (domain, live) => {
  expect(read('charge.success', { id: 1, domain, amount: 1, currency: 'NGN' }).event.live).toBe(live);
});

it('the parts that were paid and asked for are told apart', () => {
  const { payment } = read('charge.success', { id: 1, amount: 500, requested_amount: 2_000, currency: 'NGN' }).event;

  expect(payment).toMatchObject({ amount: 500, requestedAmount: 2_000 });
});

it('a refund is not the payment', () => {
  const data = { refund_reference: 'R-1', transaction_reference: 'ORDER-1', amount: '500', currency: 'NGN' };

  expect(read('refund.processed', data).event).toMatchObject({
    id: 'refund:R-1',
    payment: { orderId: 'ORDER-1', amount: null },
    refund: { id: 'R-1', amount: 500, totalRefunded: null, full: null, currency: 'NGN' },
  });
});

it('a refund without a reference or an id is still read', () => {
  const data = { refund_reference: null, transaction_reference: 'ORDER-1', amount: '500', currency: 'NGN' };

  expect(read('refund.processed', data)).toMatchObject({ unreadable: null, event: { type: 'payment.refunded' } });
});
