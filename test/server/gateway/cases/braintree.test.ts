import { expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const braintree = await shippedPreset('braintree');

function event(kind: string, subject: string, at = '2026-01-01T00:00:00Z') {
  const xml = `<notification><kind>${kind}</kind><timestamp>${at}</timestamp><subject>${subject}</subject></notification>`;
  const form = new URLSearchParams({ bt_signature: 'x', bt_payload: `${Buffer.from(xml).toString('base64')}\n` });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return readInbound(braintree, shop, requestWith({ headers, body: form.toString() }), new Date(0))[0]!.event;
}

const sale =
  '<transaction><id>tx1</id><type>sale</type><amount>24.90</amount><currency-iso-code>EUR</currency-iso-code></transaction>';
const older = sale.replace('tx1', 'tx0');

it.each([
  ['subscription_charged_successfully', `<subscription><id>s1</id><transactions>${sale}</transactions></subscription>`],
  [
    'subscription_charged_successfully',
    `<subscription><id>s1</id><transactions>${sale}${older}</transactions></subscription>`,
  ],
  ['transaction_settled', sale],
  ['local_payment_funded', `<local-payment-funded><payment-id>p1</payment-id>${sale}</local-payment-funded>`],
])('a transaction succeeds once, also as %s', (kind, subject) => {
  expect(event(kind, subject)).toMatchObject({
    id: 'tx1:succeeded',
    type: 'payment.succeeded',
    payment: { amount: 2_490, currency: 'EUR' },
  });
});

it('a subscription without a charge has succeeded in nothing', () => {
  const subject = '<subscription><id>s1</id><transactions type="array"/></subscription>';

  expect(event('subscription_charged_successfully', subject).type).toBe('braintree:subscription_charged_successfully');
});

it.each(['re1', 're2'])('each refund is a fact of its own and not the whole payment (%s)', (id) => {
  const credit = `<transaction><id>${id}</id><type>credit</type><amount>12.50</amount><currency-iso-code>EUR</currency-iso-code><refunded-transaction-id>tx1</refunded-transaction-id></transaction>`;

  expect(event('transaction_settled', credit)).toMatchObject({
    id: `${id}:refunded`,
    type: 'payment.refunded',
    entity: 'tx1',
    payment: { id: 'tx1', amount: null },
    refund: { id, amount: 1_250, full: null, currency: 'EUR' },
  });
});

it.each([
  ['dispute_won', 'won', 'won'],
  ['dispute_auto_accepted', 'auto_accepted', 'lost'],
  ['dispute_under_review', 'under_review', 'open'],
  ['dispute_expired', 'expired', null],
])('%s leaves a dispute %s', (kind, status, expected) => {
  const dispute = `<dispute><id>d1</id><status>${status}</status><amount-disputed>5.00</amount-disputed><currency-iso-code>EUR</currency-iso-code></dispute>`;

  expect(event(kind, dispute)).toMatchObject({
    type: `braintree:${kind}`,
    dispute: { id: 'd1', amount: 500, status: expected },
  });
});
