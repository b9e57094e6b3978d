import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { JsonObject } from '../../../../language/json.ts';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const preset = await shippedPreset('gocardless');
const headers = { 'content-type': 'application/json' };

const confirmed = {
  ...{ id: 'EV14', created_at: '2026-11-20T10:00:00.000Z', resource_type: 'payments', action: 'confirmed' },
  ...{ links: { payment: 'PM14' }, details: { origin: 'gocardless', cause: 'payment_confirmed', description: 'x' } },
  ...{ metadata: {}, resource_metadata: { order_id: 'C14' } },
};

const bodyOf = (event: object) => JSON.stringify({ events: [event], meta: { webhook_id: 'WB14' } });

/** The event with the answer of the API in it, as it is stored. */
function eventOf(event: object, fetched?: object): CanonicalEvent {
  const request = requestWith({ headers, body: bodyOf(fetched === undefined ? event : { ...event, fetched }) });
  return readInbound(preset, shop, request, new Date('2026-11-20T10:00:01.000Z'))[0]!.event;
}

describe('a confirmed payment', () => {
  it('has the amount that was asked for by its id', () => {
    const fetched = { id: 'PM14', amount: 1500, currency: 'GBP', status: 'confirmed', scheme: 'bacs', metadata: {} };
    expect(eventOf(confirmed, fetched)).toMatchObject({
      id: 'EV14',
      type: 'payment.succeeded',
      live: null,
      payment: { id: 'PM14', orderId: 'C14', amount: 1500, requestedAmount: 1500, currency: 'GBP', method: 'bacs' },
    });
  });

  it('has no amount without an API key, and the same id', () => {
    expect(eventOf(confirmed)).toMatchObject({
      id: 'EV14',
      type: 'payment.succeeded',
      payment: { id: 'PM14', amount: null },
    });
  });

  it('finds the order’s reference in the metadata of the payment', () => {
    const fetched = { id: 'PM14', amount: 1500, currency: 'GBP', metadata: { order_id: 'FETCHED' } };
    expect(eventOf({ ...confirmed, resource_metadata: {} }, fetched).payment?.orderId).toBe('FETCHED');
  });
});

describe('the action', () => {
  it.each([
    ['payments', 'created', 'payment.pending'],
    ['payments', 'failed', 'payment.failed'],
    ['payments', 'cancelled', 'payment.canceled'],
    ['payments', 'charged_back', 'payment.disputed'],
    ['payments', 'paid_out', 'gocardless:payments.paid_out'],
    ['payments', 'chargeback_cancelled', 'gocardless:payments.chargeback_cancelled'],
    ['payments', 'chargeback_settled', 'gocardless:payments.chargeback_settled'],
    ['payments', 'late_failure_settled', 'gocardless:payments.late_failure_settled'],
    ['refunds', 'created', 'gocardless:refunds.created'],
    ['refunds', 'paid', 'payment.refunded'],
    ['refunds', 'refund_settled', 'gocardless:refunds.refund_settled'],
    ['payouts', 'paid', 'payout.succeeded'],
    ['outbound_payments', 'executed', 'payout.succeeded'],
    ['outbound_payments', 'failed', 'payout.failed'],
    ['billing_requests', 'fulfilled', 'gocardless:billing_requests.fulfilled'],
    ['mandates', 'active', 'gocardless:mandates.active'],
  ])('%s %s is %s', (resource_type, action, type) => {
    expect(eventOf({ ...confirmed, resource_type, action }).type).toBe(type);
  });
});

describe('a refund', () => {
  const refund = { ...confirmed, resource_type: 'refunds', action: 'paid', links: { refund: 'RF1', payment: 'PM14' } };

  it('has its own amount, and does not say what the payment was', () => {
    const fetched = {
      id: 'RF1',
      amount: 500,
      currency: 'GBP',
      reference: 'partial refund',
      links: { payment: 'PM14' },
    };
    expect(eventOf(refund, fetched)).toMatchObject({
      payment: { id: 'PM14', amount: null },
      refund: { id: 'RF1', amount: 500, totalRefunded: null, full: null, currency: 'GBP', reason: 'partial refund' },
    });
  });
});

describe('what is asked', () => {
  const { caseOf, into } = compileAsk(preset.declared).fetch!;
  const given = { apiUrl: 'https://api.gocardless.com', key: 'live_key', nowMs: 0 };
  const requestFor = (event: JsonObject) => {
    const view = createRequestView(requestWith({ headers, body: bodyOf(event) }), preset.body);
    const about = { ...view, item: () => event };
    const chosen = caseOf(about);
    return chosen?.kind === 'ask' ? chosen.question.request.build(about, given) : null;
  };

  it.each([
    ['payments', 'confirmed', { payment: 'PM14' }, '/payments/PM14'],
    ['refunds', 'paid', { refund: 'RF1', payment: 'PM14' }, '/refunds/RF1'],
    ['payouts', 'paid', { payout: 'PO1' }, '/payouts/PO1'],
    ['outbound_payments', 'executed', { outbound_payment: 'OUT1' }, '/outbound_payments/OUT1'],
    ['subscriptions', 'created', { subscription: 'SB1' }, '/subscriptions/SB1'],
  ])('about %s %s is %s', (resource_type, action, links, path) => {
    expect(requestFor({ ...confirmed, resource_type, action, links })).toMatchObject({
      method: 'GET',
      url: `https://api.gocardless.com${path}`,
      headers: { authorization: 'Bearer live_key', 'gocardless-version': '2015-07-06' },
    });
    expect(into).toBe('fetched');
  });

  it.each([
    ['payments', 'paid_out'],
    ['mandates', 'active'],
  ])('about %s %s is nothing', (resource_type, action) => {
    expect(requestFor({ ...confirmed, resource_type, action })).toBeNull();
  });
});
