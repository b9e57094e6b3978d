import { describe, expect, it } from 'vitest';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('xendit');
const receivedAt = new Date('2026-11-25T02:00:00.000Z');

function read(body: object, headers: Record<string, string> = {}) {
  return readInbound(preset, shop, requestWith({ headers, body: JSON.stringify(body) }), receivedAt)[0]!;
}

/** Whether there is a question about such an event. */
function isAsked(body: object): boolean {
  const view = createRequestView(requestWith({ body: JSON.stringify(body) }), preset.body, {});
  return compileAsk(preset.declared).confirm!.caseOf(view)?.kind === 'ask';
}

const virtualAccount = {
  updated: '2026-10-10T08:15:03.404Z',
  created: '2026-10-10T08:15:03.404Z',
  payment_id: 'va-c7-pay',
  callback_virtual_account_id: 'va-c7-acc',
  owner_id: 'own1',
  external_id: 'demo-c7',
  account_number: '8808999939380502',
  bank_code: 'BNI',
  amount: 250_000,
  transaction_timestamp: '2026-10-10T08:15:03.080Z',
  merchant_code: '8808',
  sender_name: 'B',
  id: 'va-c7',
};
const ovo = {
  event: 'ewallet.payment',
  id: 'ew-c7',
  external_id: 'ovo-c7',
  business_id: 'b1',
  phone: '0',
  ewallet_type: 'OVO',
  amount: 250_000,
  created: '2026-10-10T08:15:03.404Z',
  status: 'COMPLETED',
};
const dana = {
  external_id: 'dana-c7',
  amount: 250_000,
  business_id: 'b1',
  payment_status: 'PAID',
  transaction_date: '2026-10-10T08:15:03.000Z',
  ewallet_type: 'DANA',
  callback_authentication_token: 't',
};
const oldQr = {
  event: 'qr.payment',
  id: 'qrpy-c7',
  amount: 250_000,
  created: '2026-10-10T08:15:03.404Z',
  qr_code: { id: 'qr_1', external_id: 'qr-c7', qr_string: '0', type: 'DYNAMIC' },
  status: 'COMPLETED',
  source: 'OVO',
};
const retail = {
  id: 'ro-c7',
  external_id: 'alfa-c7',
  prefix: 'TEST',
  payment_code: 'TEST1',
  retail_outlet_name: 'ALFAMART',
  name: 'B',
  amount: 250_000,
  status: 'SETTLING',
  transaction_timestamp: '2026-10-10T08:15:03.404Z',
  payment_id: 'pay-ro-c7',
  fixed_payment_code_payment_id: 'x',
  fixed_payment_code_id: 'y',
  owner_id: 'o',
};
const invoice = {
  id: 'inv-1',
  external_id: 'ORDER-1',
  user_id: 'u',
  status: 'PAID',
  merchant_name: 'Toko',
  amount: 100_000,
  paid_amount: 90_000,
  currency: 'IDR',
  paid_at: '2026-10-10T08:15:03.000Z',
  payment_id: 'pay-1',
};

describe('a payment of each older product', () => {
  it.each([
    ['a virtual account', virtualAccount, 'va-c7-pay:succeeded', 'virtual_account.paid', 'demo-c7', 'BNI'],
    ['OVO', ovo, 'ewallet:ovo-c7:succeeded', 'ewallet.payment', 'ovo-c7', 'OVO'],
    ['DANA', dana, 'ewallet:dana-c7:succeeded', 'ewallet.paid', 'dana-c7', 'DANA'],
    ['a QR code', oldQr, 'qrpy-c7:succeeded', 'qr.payment', 'qr-c7', 'QR_CODE'],
    ['a retail outlet', retail, 'x:succeeded', 'fixed_payment_code.paid', 'alfa-c7', 'ALFAMART'],
  ])('succeeds and can be confirmed: %s', (_product, body, id, nativeType, orderId, method) => {
    expect(read(body)).toMatchObject({
      unreadable: null,
      event: {
        id,
        type: 'payment.succeeded',
        nativeType,
        payment: { orderId, amount: 25_000_000, currency: 'IDR', status: 'succeeded', method },
      },
    });
    expect(isAsked(body)).toBe(true);
  });

  it('does not show the verification token that DANA’s body repeats', () => {
    expect(JSON.stringify(read(dana).event.data)).not.toContain('callback_authentication_token');
  });

  it('of a retail outlet is one payment while it settles and when it is completed', () => {
    expect(read({ ...retail, status: 'COMPLETED' }).event.id).toBe(read(retail).event.id);
  });

  it('is not told by a virtual account that is only created', () => {
    const created = { id: 'va-1', account_number: '1', bank_code: 'BNI', is_closed: true, status: 'ACTIVE' };

    expect(read(created).event).toMatchObject({ type: 'xendit:virtual_account.changed', payment: null });
  });
});

describe('an invoice', () => {
  it.each([
    [{}, {}],
    [{}, { 'webhook-id': 'wh-1' }],
    [{}, { 'webhook-id': 'wh-2' }],
    [{ status: 'SETTLED' }, { 'webhook-id': 'wh-3' }],
  ])('succeeds once, in whatever state and under whatever header it is told: %j %j', (parts, headers) => {
    expect(read({ ...invoice, ...parts }, headers).event).toMatchObject({
      id: 'inv-1:succeeded',
      type: 'payment.succeeded',
      payment: { amount: 9_000_000, requestedAmount: 10_000_000 },
    });
  });
});

describe('a payment of the Payments API', () => {
  const data = { status: 'SUCCEEDED', reference_id: 'ORDER-1', currency: 'IDR' };
  const third = { ...data, payment_id: 'py-1', request_amount: 200_000 };

  it('has one id in both versions', () => {
    const second = { ...data, id: 'py-1', amount: 200_000, payment_method: { id: 'pm-1' } };

    expect(read({ event: 'payment.capture', data: third }).event.id).toBe('py-1:succeeded');
    expect(read({ event: 'payment.succeeded', data: second }).event.id).toBe('py-1:succeeded');
  });

  it.each([
    ['all of it', { captures: [{ capture_amount: 200_000 }] }, 20_000_000],
    ['a part of it', { captures: [{ capture_amount: 150_000 }] }, 15_000_000],
    ['several parts, whose sum is not told', { captures: [{ capture_amount: 5 }, { capture_amount: 6 }] }, null],
    ['without saying how much, by hand', { capture_method: 'MANUAL' }, null],
    ['without saying how much, by itself', { capture_method: 'AUTOMATIC' }, 20_000_000],
  ])('tells what was captured: %s', (_what, parts, amount) => {
    expect(read({ event: 'payment.capture', data: { ...third, ...parts } }).event.payment).toMatchObject({
      amount,
      requestedAmount: 20_000_000,
    });
  });
});

describe('refunds of one payment', () => {
  const refund = (id: string, amount: number) => ({
    event: 'refund.succeeded',
    data: { id, payment_id: 'py-1', amount, currency: 'IDR', status: 'SUCCEEDED', reference_id: 'R', reason: 'OTHERS' },
  });

  it('are facts of their own without a delivery header', () => {
    expect(
      [read(refund('rfd-1', 100)), read(refund('rfd-2', 200))].map(({ event }) => [event.id, event.refund]),
    ).toEqual([
      [
        'rfd-1:refunded',
        { id: 'rfd-1', amount: 10_000, totalRefunded: null, full: null, currency: 'IDR', reason: 'OTHERS' },
      ],
      [
        'rfd-2:refunded',
        { id: 'rfd-2', amount: 20_000, totalRefunded: null, full: null, currency: 'IDR', reason: 'OTHERS' },
      ],
    ]);
  });

  it('do not take the refund’s reference for the order’s, nor its amount for the payment’s', () => {
    expect(read(refund('rfd-1', 100)).event.payment).toMatchObject({ id: 'py-1', orderId: null, amount: null });
  });
});

it('counts a payment of Payment Requests v2 whose method has no id, and the same one told by v3', () => {
  const paid = { status: 'SUCCEEDED', currency: 'IDR', payment_request_id: 'pr-1', reference_id: 'ORDER-1' };
  const v2 = {
    event: 'payment.succeeded',
    data: { ...paid, id: 'py-1', amount: 1000, payment_method: { type: 'QR_CODE' } },
  };
  const v3 = { event: 'payment.capture', data: { ...paid, payment_id: 'py-1', request_amount: 1000 } };
  const fact = { id: 'py-1:succeeded', type: 'payment.succeeded', payment: { id: 'py-1', amount: 100_000 } };

  expect([v2, v3].map((body) => read(body).event)).toMatchObject([fact, fact]);
});
