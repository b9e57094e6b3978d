import { describe, expect, it } from 'vitest';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const square = await shippedPreset('square');

function event(eventId: string, type: string, object: { id: string } & Record<string, unknown>, parts = {}) {
  const [kind = ''] = type.split('.');
  const body = { event_id: eventId, type, data: { type: kind, id: object.id, object: { [kind]: object } }, ...parts };
  return readInbound(square, shop, requestWith({ body: JSON.stringify(body) }), new Date(0))[0]!.event;
}

const payment = {
  id: 'pay_1',
  status: 'COMPLETED',
  amount_money: { amount: 1_850, currency: 'USD' },
  total_money: { amount: 2_150, currency: 'USD' },
  approved_money: { amount: 2_150, currency: 'USD' },
};

describe('a payment', () => {
  it.each([
    ['when it completes', payment],
    ['when its fee is known', { ...payment, processing_fee: [{ type: 'INITIAL' }] }],
    ['when it is refunded', { ...payment, refunded_money: { amount: 100, currency: 'USD' } }],
  ])('succeeds once, also as it is told %s', (when, object) => {
    expect(event(when, 'payment.updated', object)).toMatchObject({
      id: 'pay_1:succeeded',
      type: 'payment.succeeded',
      payment: { amount: 2_150 },
    });
  });

  it.each([
    ['less than', 1_000, 1_000],
    ['as much as', 2_150, 2_150],
    ['more than', 9_000, 2_150],
  ])('of which %s the total is approved has paid no more than both', (_what, approved, paid) => {
    const object = { ...payment, approved_money: { amount: approved, currency: 'USD' } };

    expect(event('1', 'payment.updated', object).payment).toMatchObject({ amount: paid, requestedAmount: 2_150 });
  });
});

it.each([
  ['Production', true],
  ['Sandbox', false],
  ['', null],
])('says of the environment "%s" that live is %s', (environment, live) => {
  const body = JSON.stringify({ event_id: '1', type: 'payment.updated', data: { type: 'payment' } });
  const request = requestWith({ headers: { 'square-environment': environment }, body });

  expect(readInbound(square, shop, request, new Date(0))[0]!.event.live).toBe(live);
});

describe('a refund', () => {
  const refund = {
    id: 're_1',
    payment_id: 'pay_1',
    status: 'COMPLETED',
    amount_money: { amount: 100, currency: 'USD' },
  };

  it.each(['refund.created', 'refund.updated'])('is one fact, also as %s', (type) => {
    expect(event(type, type, refund)).toMatchObject({
      id: 're_1:refunded',
      type: 'payment.refunded',
      entity: 'pay_1',
      payment: { id: 'pay_1', amount: null },
      refund: { id: 're_1', amount: 100, full: null },
    });
  });

  it('after another is a fact of its own', () => {
    expect(event('2', 'refund.updated', { ...refund, id: 're_2' }).id).toBe('re_2:refunded');
  });

  it('has the order and what was paid from the payment that is fetched', () => {
    const parts = { fetched: { ...payment, reference_id: 'ORDER-1', buyer_email_address: 'sari@example.id' } };

    expect(event('4', 'refund.updated', refund, parts)).toMatchObject({
      id: 're_1:refunded',
      payment: { id: 'pay_1', orderId: 'ORDER-1', amount: 2_150, customer: { email: 'sari@example.id' } },
      refund: { amount: 100, full: null },
    });
  });

  it('that is pending gives nothing back yet', () => {
    expect(event('3', 'refund.created', { ...refund, status: 'PENDING' })).toMatchObject({
      type: 'square:refund.created',
      refund: { id: 're_1', amount: 100 },
    });
  });
});

it.each([
  ['EVIDENCE_REQUIRED', 'open'],
  ['INQUIRY_PROCESSING', 'open'],
  ['WON', 'won'],
  ['LOST', 'lost'],
  ['ACCEPTED', 'lost'],
  ['INQUIRY_CLOSED', null],
])('a dispute that is %s is %s', (state, expected) => {
  const dispute = { id: 'dis_1', state, disputed_payment: { payment_id: 'pay_1' } };

  expect(event('1', 'dispute.state.updated', dispute)).toMatchObject({
    type: 'square:dispute.state.updated',
    entity: 'pay_1',
    dispute: { id: 'dis_1', status: expected },
  });
});
