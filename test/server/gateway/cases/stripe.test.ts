import { describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../../language/event.ts';
import { compileAsk } from '../../../../server/gateway/ask/compile-ask.ts';
import { createRequestView } from '../../../../server/gateway/request-view.ts';
import { nowMs, readInbound, requestWith, shippedPreset, shop } from '../gateways.ts';

const stripe = await shippedPreset('stripe');

function read(body: object) {
  return readInbound(
    stripe,
    shop,
    requestWith({ body: JSON.stringify(body) }),
    new Date('2026-11-25T02:00:00.000Z'),
  )[0]!;
}

function event(body: object): CanonicalEvent {
  return read(body).event;
}

/** An event as API v1 sends it, a snapshot. */
function snapshot(id: string, type: string, object: object, parts: object = {}) {
  return { id, object: 'event', created: 1_764_000_000, livemode: true, type, data: { object }, ...parts };
}

const intent = {
  id: 'pi_c23',
  object: 'payment_intent',
  amount: 2_000_000,
  amount_received: 2_000_000,
  currency: 'idr',
  customer: null,
  receipt_email: null,
  metadata: {},
  payment_method_types: ['card'],
  status: 'succeeded',
};

const session = {
  id: 'cs_c23',
  object: 'checkout.session',
  mode: 'payment',
  payment_status: 'paid',
  amount_total: 2_000_000,
  currency: 'idr',
  client_reference_id: 'SHOP-1001',
  customer_details: { email: 'b@example.com', name: 'B' },
  payment_intent: 'pi_c23',
  payment_method_types: ['card'],
  metadata: { order_id: 'SHOP-1001' },
};

const charge = {
  id: 'ch_c3',
  object: 'charge',
  amount: 2_000_000,
  amount_captured: 2_000_000,
  amount_refunded: 10_000,
  refunded: false,
  currency: 'idr',
  payment_intent: 'pi_c3',
  customer: null,
  billing_details: { email: null, name: null },
  receipt_email: null,
  metadata: { order_id: 'C3' },
  payment_method_details: { type: 'card' },
};

describe('a payment by Checkout', () => {
  it.each([
    ['payment_intent.succeeded', intent],
    ['checkout.session.completed', session],
    ['checkout.session.async_payment_succeeded', session],
  ])('is one fact, also as %s', (type, object) => {
    expect(event(snapshot('evt_c23', type, object))).toMatchObject({
      id: 'pi_c23:succeeded',
      type: 'payment.succeeded',
      payment: { id: 'pi_c23', amount: 2_000_000, currency: 'IDR' },
    });
  });

  it('has its order and e-mail address in the session', () => {
    expect(event(snapshot('evt_c23cs', 'checkout.session.completed', session)).payment).toMatchObject({
      orderId: 'SHOP-1001',
      customer: { email: 'b@example.com', name: 'B' },
    });
  });

  it('waits for the session if its intent names no order', () => {
    expect(read(snapshot('evt_c23pi', 'payment_intent.succeeded', intent)).holdMs).toBe(20_000);
  });

  it('waits for the session that its intent names', () => {
    const named = { ...intent, payment_details: { order_reference: 'cs_live_a1', customer_reference: null } };

    expect(read(snapshot('evt_c23pi', 'payment_intent.succeeded', named)).holdMs).toBe(20_000);
  });

  it.each([
    ['the intent names the order', { metadata: { order_id: 'C9-1' } }],
    ['the intent pays an invoice', { payment_details: { order_reference: 'in_1', customer_reference: null } }],
    ['the intent pays an invoice of an older API version', { invoice: 'in_1' }],
  ])('does not wait if %s', (_why, parts) => {
    expect(read(snapshot('evt_1', 'payment_intent.succeeded', { ...intent, ...parts })).holdMs).toBe(0);
  });

  it('is not paid by a session that is only completed', () => {
    const unpaid = { ...session, payment_status: 'unpaid' };

    expect(event(snapshot('evt_1', 'checkout.session.completed', unpaid)).type).toBe(
      'stripe:checkout.session.completed',
    );
  });

  it('is not paid by the session of a subscription, whose invoice is', () => {
    const subscription = { ...session, mode: 'subscription', payment_intent: null, subscription: 'sub_1' };

    expect(event(snapshot('evt_1', 'checkout.session.completed', subscription))).toMatchObject({
      type: 'stripe:checkout.session.completed',
      payment: null,
      subscription: { id: 'sub_1', customer: { email: 'b@example.com' } },
    });
  });
});

describe('with an API key', () => {
  const thin = {
    id: 'evt_1',
    object: 'v2.core.event',
    livemode: true,
    created: '2026-06-24T07:00:00.000Z',
    context: null as string | null,
  };
  const thinIntent = {
    ...thin,
    type: 'v1.payment_intent.succeeded',
    related_object: { id: 'pi_c23', type: 'payment_intent', url: '/v1/payment_intents/pi_c23' },
  };

  /** What Kait asks about an event. Null: nothing. */
  function question(body: object) {
    const view = createRequestView(requestWith({ body: JSON.stringify(body) }), stripe.body, {});
    const asked = compileAsk(stripe.declared).fetch!.caseOf(view);
    if (asked?.kind !== 'ask') return null;
    const { url, headers } = asked.question.request.build(view, { apiUrl: 'https://api.stripe.com', key: 'sk', nowMs });
    return { url, headers };
  }
  const usual = { accept: 'application/json', authorization: 'Bearer sk' };

  it('the session of a payment by Checkout is asked for, of the connected account', () => {
    const body = snapshot('evt_1', 'payment_intent.succeeded', intent, { account: 'acct_1' });

    expect(question(body)).toEqual({
      url: 'https://api.stripe.com/v1/checkout/sessions?payment_intent=pi_c23&limit=1',
      headers: { ...usual, 'stripe-account': 'acct_1' },
    });
  });

  it('nothing is asked about a payment that names its order', () => {
    const named = { ...intent, metadata: { order_id: 'ORDER-1' } };

    expect(question(snapshot('evt_1', 'payment_intent.succeeded', named))).toBeNull();
  });

  it('a payment by Checkout has the facts of its session and does not wait', () => {
    const body = { ...snapshot('evt_1', 'payment_intent.succeeded', intent), fetched: session };

    expect(read(body)).toMatchObject({
      holdMs: 0,
      event: {
        id: 'pi_c23:succeeded',
        payment: { orderId: 'SHOP-1001', amount: 2_000_000, method: 'card', customer: { email: 'b@example.com' } },
      },
    });
  });

  it('the object of a thin event is asked for', () => {
    expect(question(thinIntent)).toEqual({
      url: 'https://api.stripe.com/v1/payment_intents/pi_c23',
      headers: usual,
    });
  });

  it('an object of API v2 is asked for in its version and context', () => {
    const account = {
      ...thin,
      type: 'v2.core.account[requirements].updated',
      context: 'acct_1',
      related_object: { id: 'acct_1', type: 'v2.core.account', url: '/v2/core/accounts/acct_1' },
    };

    expect(question(account)).toEqual({
      url: 'https://api.stripe.com/v2/core/accounts/acct_1',
      headers: { ...usual, 'stripe-context': 'acct_1', 'stripe-version': '2026-10-28.endive' },
    });
  });

  it('a thin event has the amount of its payment and does not wait', () => {
    expect(read({ ...thinIntent, fetched: { ...intent, metadata: { order_id: 'ORDER-1' } } })).toMatchObject({
      holdMs: 0,
      event: {
        id: 'pi_c23:succeeded',
        payment: { id: 'pi_c23', orderId: 'ORDER-1', amount: 2_000_000, currency: 'IDR' },
      },
    });
  });

  it('a thin event has the facts of its dispute', () => {
    const fetched = {
      id: 'du_1',
      object: 'dispute',
      amount: 100,
      currency: 'idr',
      payment_intent: 'pi_1',
      status: 'won',
    };
    const related = { id: 'du_1', type: 'dispute', url: '/v1/disputes/du_1' };

    expect(event({ ...thin, type: 'v1.charge.dispute.closed', related_object: related, fetched })).toMatchObject({
      type: 'stripe:v1.charge.dispute.closed',
      entity: 'pi_1',
      payment: { id: 'pi_1', amount: null },
      dispute: { id: 'du_1', amount: 100, currency: 'IDR', status: 'won' },
    });
  });
});

describe('what was paid', () => {
  it('is the part of an intent that was received', () => {
    const partial = { ...intent, amount_received: 500_000 };

    expect(event(snapshot('evt_1', 'payment_intent.succeeded', partial)).payment).toMatchObject({
      amount: 500_000,
      requestedAmount: 2_000_000,
    });
  });

  it('is not said to be by card if that is one of several offered methods', () => {
    const offered = { ...intent, payment_method_types: ['card', 'link'] };

    expect(event(snapshot('evt_1', 'payment_intent.succeeded', offered)).payment!.method).toBeNull();
  });

  it.each([
    ['captured at once', 'charge.succeeded', { captured: true }, 'payment.succeeded', 'ch_c3:succeeded'],
    ['captured later', 'charge.captured', { captured: true }, 'payment.succeeded', 'ch_c3:succeeded'],
    ['only authorized', 'charge.succeeded', { captured: false }, 'payment.pending', 'ch_c3:authorized'],
  ])('is told by a charge without an intent that is %s', (_when, native, parts, type, id) => {
    const alone = { ...charge, ...parts, payment_intent: null };

    expect(event(snapshot('evt_1', native, alone))).toMatchObject({ id, type, payment: { id: 'ch_c3' } });
  });

  it.each(['charge.succeeded', 'charge.captured', 'charge.failed', 'charge.pending', 'charge.expired'])(
    'is not told by %s again if there is an intent',
    (native) => {
      expect(event(snapshot('evt_1', native, charge)).type).toBe(`stripe:${native}`);
    },
  );

  it('is the captured part of a charge', () => {
    const partial = { ...charge, captured: true, payment_intent: null, amount_captured: 500_000 };

    expect(event(snapshot('evt_1', 'charge.captured', partial)).payment).toMatchObject({
      amount: 500_000,
      requestedAmount: 2_000_000,
    });
  });
});

describe('a refund', () => {
  const refunded = (object: object, previous: object) =>
    snapshot('evt_c3', 'charge.refunded', object, { data: { object, previous_attributes: previous } });

  it('of half a percent is not the whole payment', () => {
    expect(event(refunded(charge, { amount_refunded: 0 }))).toMatchObject({
      id: 'ch_c3:refunded:10000',
      type: 'payment.refunded',
      payment: { id: 'pi_c3', amount: 2_000_000 },
      refund: { amount: 10_000, totalRefunded: 10_000, full: false, currency: 'IDR' },
    });
  });

  it('after another is a fact of its own, with its own amount', () => {
    expect(event(refunded({ ...charge, amount_refunded: 30_000 }, { amount_refunded: 10_000 }))).toMatchObject({
      id: 'ch_c3:refunded:30000',
      refund: { amount: 20_000, totalRefunded: 30_000, full: false },
    });
  });

  it('of all that is left is full', () => {
    const all = { ...charge, amount_refunded: 2_000_000, refunded: true };

    expect(event(refunded(all, { amount_refunded: 10_000 })).refund).toMatchObject({
      amount: 1_990_000,
      totalRefunded: 2_000_000,
      full: true,
    });
  });

  it('does not count what was never captured', () => {
    const partial = { ...charge, amount_captured: 500_000, amount_refunded: 1_600_000 };

    expect(event(refunded(partial, { amount_refunded: 1_500_000 })).refund).toMatchObject({
      amount: 100_000,
      totalRefunded: 100_000,
      full: false,
    });
  });

  it.each([
    ['an authorization', { captured: false }, { amount_refunded: 0 }],
    ['the part that is not captured', { captured: true }, { amount_refunded: 0, captured: false }],
  ])('is not the release of %s', (_what, parts, previous) => {
    expect(event(refunded({ ...charge, ...parts }, previous))).toMatchObject({
      type: 'stripe:charge.refunded',
      refund: null,
    });
  });
});

describe('a thin event', () => {
  const account = {
    id: 'evt_c1acct',
    object: 'v2.core.event',
    type: 'v2.core.account[requirements].updated',
    livemode: true,
    created: '2026-06-24T07:00:00.000Z',
    context: 'acct_c1connected',
    related_object: {
      id: 'acct_c1connected',
      type: 'v2.core.account',
      url: '/v2/core/accounts/acct_c1connected',
    },
    reason: null,
  };

  it('has a time, a tenant and an entity', () => {
    expect(event(account)).toMatchObject({
      id: 'evt_c1acct',
      type: 'stripe:v2.core.account[requirements].updated',
      occurredAt: '2026-06-24T07:00:00.000Z',
      tenant: 'acct_c1connected',
      entity: 'acct_c1connected',
      live: true,
    });
  });

  it('may be a ping', () => {
    const ping = { ...account, id: 'evt_test_c1ping', type: 'v2.core.event_destination.ping', livemode: false };

    expect(event(ping)).toMatchObject({ type: 'stripe:v2.core.event_destination.ping', live: false });
  });

  it('about a payment is the same fact as the snapshot event', () => {
    const thin = {
      ...account,
      type: 'v1.payment_intent.succeeded',
      related_object: { id: 'pi_c23', type: 'payment_intent', url: '/v1/payment_intents/pi_c23' },
    };

    expect(read(thin)).toMatchObject({
      event: { id: 'pi_c23:succeeded', type: 'payment.succeeded', payment: { id: 'pi_c23' } },
      holdMs: 20_000,
    });
  });
});

it('in test mode is not live', () => {
  const body = snapshot('evt_c4', 'payment_intent.succeeded', intent, { livemode: false, account: 'acct_c4' });

  expect(event(body)).toMatchObject({ live: false, tenant: 'acct_c4' });
});

it('has no e-mail address if the merchant has written N/A', () => {
  const body = snapshot('evt_c9_1', 'payment_intent.succeeded', { ...intent, receipt_email: 'N/A' });

  expect(event(body).payment!.customer.email).toBeNull();
});

describe('an invoice', () => {
  const invoice = {
    id: 'in_1',
    object: 'invoice',
    amount_due: 100,
    amount_paid: 100,
    currency: 'idr',
    customer_email: 'b@example.com',
  };

  it.each([
    ['in its older place', { subscription: 'sub_1', payment_intent: 'pi_1' }],
    ['in its newer place', { parent: { subscription_details: { subscription: 'sub_1' } } }],
  ])('of a subscription, named %s, is paid once beside its payment', (_where, parts) => {
    expect(event(snapshot('evt_1', 'invoice.paid', { ...invoice, ...parts }))).toMatchObject({
      id: 'in_1:paid',
      type: 'subscription.paid',
      entity: 'sub_1',
      payment: { amount: 100, customer: { email: 'b@example.com' } },
      subscription: { id: 'sub_1' },
    });
  });

  it('without a subscription keeps its own type, because its payment is told by the intent', () => {
    expect(event(snapshot('evt_1', 'invoice.paid', invoice))).toMatchObject({
      type: 'stripe:invoice.paid',
      subscription: null,
    });
  });
});

it.each([
  ['won', 'won'],
  ['lost', 'lost'],
  ['warning_closed', null],
  ['warning_under_review', 'open'],
])('a dispute that Stripe calls %s is %s', (status, expected) => {
  const dispute = { id: 'du_1', object: 'dispute', amount: 100, charge: 'ch_1', currency: 'idr', status };

  expect(event(snapshot('evt_1', 'charge.dispute.closed', dispute))).toMatchObject({
    type: 'stripe:charge.dispute.closed',
    dispute: { id: 'du_1', amount: 100, status: expected },
  });
});

it.each([['1'], ['2']])('the price of one item is the price of a subscription only without others (%s)', (quantity) => {
  const items = { data: [{ price: { id: 'price_1', unit_amount: 50 }, quantity: Number(quantity) }] };
  const subscription = { id: 'sub_1', object: 'subscription', currency: 'idr', items };

  expect(event(snapshot('evt_1', 'customer.subscription.updated', subscription)).subscription).toMatchObject({
    id: 'sub_1',
    amount: { 1: 50, 2: null }[quantity],
  });
});
