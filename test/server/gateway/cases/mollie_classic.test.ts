import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { readWebhook } from '../../../../server/gateway/ask/read-webhook.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('mollie_classic');
const receivedAt = new Date('2026-01-02T03:04:05.678Z');

/** The events of what Mollie answers, as they are stored. */
function eventsOf(answer: object): CanonicalEvent[] {
  const request = requestWith({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) });
  return readInbound(preset, shop, request, receivedAt).map(({ event }) => event);
}

const euros = (value: string) => ({ value, currency: 'EUR' });
const paid = {
  resource: 'payment',
  id: 'tr_c25',
  mode: 'test',
  status: 'paid',
  amount: euros('24.95'),
  metadata: { order_id: 'C25' },
};
const refunded = (value: string) => ({ ...paid, amountRefunded: euros(value) });
const idAndType = ({ id, type }: CanonicalEvent) => [id, type];

describe('a paid payment', () => {
  it.each([
    paid,
    refunded('0.00'),
    refunded('0'),
    { ...paid, amountChargedBack: euros('0.00'), amountRemaining: euros('24.95') },
  ])('succeeds once, whether or not it tells that nothing was refunded: %j', (answer) => {
    expect(eventsOf(answer)).toMatchObject([
      {
        id: 'tr_c25:paid',
        type: 'payment.succeeded',
        payment: { amount: 2495, requestedAmount: 2495, currency: 'EUR', orderId: 'C25' },
        refund: null,
      },
    ]);
  });

  it.each([
    ['live', true],
    ['test', false],
    [undefined, null],
  ])('of mode %s is live: %s', (mode, live) => {
    expect(eventsOf({ ...paid, mode })[0]?.live).toBe(live);
  });

  it('amounts to what was captured', () => {
    const captured = { ...paid, amountCaptured: euros('20.00') };
    expect(eventsOf(captured)[0]?.payment).toMatchObject({ amount: 2000, requestedAmount: 2495 });
  });

  it('names the subscription that it follows from', () => {
    const [event] = eventsOf({ ...paid, subscriptionId: 'sub_1', customerId: 'cst_1' });
    expect(event?.subscription).toMatchObject({ id: 'sub_1', customer: { id: 'cst_1' } });
  });

  it('has an amount only once it is paid', () => {
    expect(eventsOf({ ...paid, status: 'open' })[0]?.payment).toMatchObject({ amount: null, requestedAmount: 2495 });
  });
});

describe('a refund of which only the total is known', () => {
  it.each([
    ['5.95', 'tr_c25:refunded:5.95', 595, false],
    ['5.950', 'tr_c25:refunded:5.95', 595, false],
    ['10.00', 'tr_c25:refunded:10', 1000, false],
    ['24.95', 'tr_c25:refunded:24.95', 2495, true],
  ])('with %s has the id %s', (total, id, totalRefunded, full) => {
    expect(eventsOf(refunded(total))).toMatchObject([
      {
        id,
        type: 'payment.refunded',
        payment: { amount: 2495, requestedAmount: 2495 },
        refund: { id: null, amount: null, totalRefunded, full, currency: 'EUR' },
      },
    ]);
  });

  it('does not hide a chargeback, nor the other way round', () => {
    expect(eventsOf({ ...refunded('5.95'), amountChargedBack: euros('19.00') }).map(idAndType)).toEqual([
      ['tr_c25:disputed:19', 'payment.disputed'],
    ]);
  });
});

describe('what is embedded in a payment', () => {
  const refund = (id: string, value: string, status = 'refunded') => ({
    ...{ resource: 'refund', id, status, amount: euros(value), paymentId: 'tr_c25', mode: 'live' },
  });
  const withRefunds = (...refunds: object[]) => ({
    ...{ ...refunded('10.00'), mode: 'live', _embedded: { refunds, chargebacks: [] } },
  });

  it('is a fact for each refund, beside the payment itself', () => {
    const events = eventsOf(withRefunds(refund('re_2', '4.05', 'pending'), refund('re_1', '5.95')));
    expect(events.map(idAndType)).toEqual([
      ['tr_c25:paid', 'payment.succeeded'],
      ['re_2', 'payment.refunded'],
      ['re_1', 'payment.refunded'],
    ]);
    expect(events[2]).toMatchObject({
      entity: 'tr_c25',
      payment: { id: 'tr_c25', orderId: 'C25', amount: 2495 },
      refund: { id: 're_1', amount: 595, totalRefunded: 1000, full: false, currency: 'EUR' },
    });
  });

  it.each(['queued', 'failed', 'canceled'])('is no refund of the customer while it is %s', (status) => {
    expect(eventsOf(withRefunds(refund('re_1', '5.95', status))).map(idAndType)).toEqual([
      ['tr_c25:paid', 'payment.succeeded'],
      [`re_1:${status}`, `mollie_classic:refund.${status}`],
    ]);
  });

  it('is an event for each capture, with what it took', () => {
    const capture = (id: string, value: string) => ({
      ...{ resource: 'capture', id, status: 'succeeded', amount: euros(value), paymentId: 'tr_c25', mode: 'live' },
    });
    const captures = [capture('cpt_1', '20.00'), capture('cpt_2', '4.95')];
    const events = eventsOf({ ...paid, amountCaptured: euros('24.95'), _embedded: { captures } });
    expect(events.map((event) => [...idAndType(event), event.payment?.amount])).toEqual([
      ['tr_c25:paid', 'payment.succeeded', 2495],
      ['cpt_1:succeeded', 'mollie_classic:capture.succeeded', 2000],
      ['cpt_2:succeeded', 'mollie_classic:capture.succeeded', 495],
    ]);
  });

  it('keeps the id of a refund from state to state', () => {
    const ids = ['pending', 'processing', 'refunded'].map(
      (status) => eventsOf(withRefunds(refund('re_1', '1.00', status)))[1]?.id,
    );
    expect(ids).toEqual(['re_1', 're_1', 're_1']);
  });

  it.each([
    [null, ['chb_1', 'payment.disputed'], null],
    ['2026-02-01T00:00:00+00:00', ['chb_1:reversed', 'mollie_classic:chargeback.reversed'], 'won'],
  ])('is a dispute for each chargeback, reversed at %s', (reversedAt, [id, type], status) => {
    const reason = { code: 'AC01', description: 'Unknown account' };
    const chargeback = {
      resource: 'chargeback',
      id: 'chb_1',
      amount: euros('24.95'),
      reason,
      reversedAt,
      paymentId: 'tr_c25',
    };
    const events = eventsOf({ ...paid, amountChargedBack: euros('24.95'), _embedded: { chargebacks: [chargeback] } });
    expect(events.map(({ id: each }) => each)).toEqual(['tr_c25:paid', id]);
    expect(events[1]).toMatchObject({
      type,
      live: false,
      dispute: { id: 'chb_1', amount: 2495, currency: 'EUR', reason: 'Unknown account', status },
    });
  });
});

describe('an order', () => {
  const order = {
    ...{ resource: 'order', id: 'ord_1', mode: 'live', amount: euros('49.00'), orderNumber: '1337', metadata: null },
    billingAddress: { givenName: 'Sari', familyName: 'Wulandari', email: 'sari@example.id' },
  };

  it.each([
    ['paid', 'ord_1:paid', 'payment.succeeded', 4900],
    ['completed', 'ord_1:paid', 'payment.succeeded', 4900],
    ['authorized', 'ord_1:authorized', 'payment.pending', null],
    ['pending', 'ord_1:pending', 'payment.pending', null],
    ['expired', 'ord_1:expired', 'payment.expired', null],
    ['canceled', 'ord_1:canceled', 'payment.canceled', null],
    ['created', 'ord_1:created', 'mollie_classic:order.created', null],
    ['shipping', 'ord_1:shipping', 'mollie_classic:order.shipping', null],
  ])('that is %s without its payments is %s', (status, id, type, amount) => {
    expect(eventsOf({ ...order, status })).toMatchObject([
      {
        id,
        type,
        payment: { orderId: '1337', amount, customer: { email: 'sari@example.id', name: 'Sari Wulandari' } },
      },
    ]);
  });

  it('is told by its payments, under the ids that they have of their own', () => {
    const payment = { ...paid, id: 'tr_1', metadata: undefined, amount: euros('49.00') };
    const events = eventsOf({ ...order, status: 'paid', _embedded: { payments: [payment] } });
    expect(events.map(idAndType)).toEqual([
      ['ord_1:paid', 'mollie_classic:order.paid'],
      ['tr_1:paid', 'payment.succeeded'],
    ]);
    expect(eventsOf(payment)[0]?.id).toBe('tr_1:paid');
    expect(events[1]?.payment).toMatchObject({ orderId: '1337', amount: 4900 });
  });

  it('tells its refunds one by one', () => {
    const refund = { resource: 'refund', id: 're_9', status: 'pending', amount: euros('9.00'), paymentId: 'tr_1' };
    const payment = { ...paid, id: 'tr_1', amountRefunded: euros('9.00') };
    const _embedded = { payments: [payment], refunds: [refund] };
    expect(eventsOf({ ...order, status: 'paid', amountRefunded: euros('9.00'), _embedded }).map(idAndType)).toEqual([
      ['ord_1:paid', 'mollie_classic:order.paid'],
      ['tr_1:paid', 'payment.succeeded'],
      ['re_9', 'payment.refunded'],
    ]);
  });
});

describe('a notice', () => {
  const { caseOf } = compileAsk(preset.declared).fetch!;
  const viewOf = (id: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return createRequestView(requestWith({ headers, body: new URLSearchParams({ id }).toString() }), preset.body);
  };
  const given = { apiUrl: 'https://api.mollie.com', key: 'live_x', nowMs: 0 };

  it.each([
    ['tr_1', '/v2/payments/tr_1?embed=captures,refunds,chargebacks'],
    ['ord_1', '/v2/orders/ord_1?embed=payments,refunds'],
    ['pl_1', '/v2/payment-links/pl_1/payments'],
    ['pml_1', '/v2/payment-links/pml_1/payments'],
  ])('of %s asks for %s', (id, path) => {
    const chosen = caseOf(viewOf(id));
    const url = chosen?.kind === 'ask' ? chosen.question.request.build(viewOf(id), given).url : undefined;
    expect(url).toBe(`https://api.mollie.com${path}`);
  });

  it.each([
    [
      're_1',
      'Mollie tells about refunds, chargebacks and captures by the id of their payment, and knows them only together with it',
    ],
    [
      'chb_1',
      'Mollie tells about refunds, chargebacks and captures by the id of their payment, and knows them only together with it',
    ],
    ['cst_1', 'neither a payment (tr_…) nor an order (ord_…)'],
    ['tr_../../x', 'neither a payment (tr_…) nor an order (ord_…)'],
    ['', 'neither a payment (tr_…) nor an order (ord_…)'],
  ])('of %j is ignored, with the reason', (id, reason) => {
    const read = readWebhook({ preset, name: 'shop', completes: false, test: true }, viewOf(id), receivedAt);
    expect(read.map(({ event, ignored }) => [event.type, ignored])).toEqual([['mollie_classic:notice', reason]]);
  });
});
