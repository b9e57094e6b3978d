import { describe, expect, it } from 'vitest';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('flutterwave_v3');

function read(body: object) {
  const request = requestWith({ body: JSON.stringify(body) });
  return readInbound(preset, shop, request, new Date('2026-11-25T02:00:00.000Z'))[0]!.event;
}

/** A flat body, as older accounts get it. */
const flat = {
  id: 13_100,
  txRef: 'C13-legacy',
  flwRef: 'F',
  orderRef: 'O',
  paymentPlan: null,
  createdAt: '2026-11-20T10:00:00.000Z',
  amount: 20_000,
  charged_amount: 20_000,
  status: 'successful',
  IP: '127.0.0.1',
  currency: 'NGN',
  appfee: 1,
  merchantfee: 0,
  merchantbearsfee: 1,
  customer: { id: 1, phone: null, fullName: 'A', email: 'a@example.com' },
  entity: { card6: '553188', card_last4: '2950' },
  'event.type': 'CARD_TRANSACTION',
};

function charge(data: object) {
  return {
    event: 'charge.completed',
    data: {
      ...{ id: 13_002, tx_ref: 'C13-13002', amount: 1, currency: 'NGN', status: 'successful', payment_type: 'card' },
      ...data,
    },
  };
}

describe('a flat body', () => {
  it('is a payment like any other', () => {
    expect(read(flat)).toMatchObject({
      id: '13100:succeeded',
      type: 'payment.succeeded',
      nativeType: 'charge.completed',
      occurredAt: '2026-11-20T10:00:00.000Z',
      payment: {
        id: '13100',
        orderId: 'C13-legacy',
        amount: 2_000_000,
        currency: 'NGN',
        method: 'CARD_TRANSACTION',
        customer: { email: 'a@example.com', name: 'A' },
      },
    });
  });

  it('tells the same charge as a body with an event', () => {
    expect(read(charge({ id: 13_100 })).id).toBe(read(flat).id);
  });

  it('can be confirmed', () => {
    const view = createRequestView(requestWith({ body: JSON.stringify(flat) }), preset.body, {});

    expect(compileAsk(preset.declared).confirm!.caseOf(view)?.kind).toBe('ask');
  });
});

it('an amount that binary arithmetic has blurred is the one that was meant', () => {
  expect(read(charge({ amount: 1034.6000000000001 })).payment!.amount).toBe(103_460);
});

it('the reason of a transfer is that of its failure', () => {
  const transfer = (status: string) => ({
    event: 'transfer.completed',
    data: { id: 1, reference: 'P', amount: 10, currency: 'NGN', status, complete_message: 'Because' },
  });

  expect(read(transfer('FAILED')).payout).toMatchObject({ status: 'failed', amount: 1_000, reason: 'Because' });
  expect(read(transfer('SUCCESSFUL')).payout).toMatchObject({ status: 'succeeded', reason: null });
});
