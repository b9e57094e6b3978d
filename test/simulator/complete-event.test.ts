import { expect, it } from 'vitest';
import { noFacts } from '../../language/event.ts';
import { completeEvent, laterEvent } from '../../simulator/complete-event.ts';
import { sampleEvent } from '../server/sample-event.ts';

const paid = { on: { event: ['payment.succeeded', 'payment.failed'], source: 'shop' } };

it('fills in what the trigger and the type suggest, and lists it', () => {
  expect(completeEvent({ payment: { amount: 5, customer: { email: null } } }, paid)).toEqual({
    event: {
      id: 'evt_1',
      source: 'shop',
      gateway: 'shop',
      type: 'payment.succeeded',
      nativeType: 'payment.succeeded',
      occurredAt: '2026-01-01T00:00:00.000Z',
      receivedAt: '2026-01-01T00:00:00.000Z',
      entity: 'pay_1',
      tenant: null,
      ...noFacts,
      live: true,
      payment: {
        id: 'pay_1',
        orderId: 'ORDER-1',
        amount: 5,
        requestedAmount: null,
        currency: 'IDR',
        status: 'succeeded',
        method: 'card',
        customer: { id: null, email: null, name: 'Sari' },
      },
      data: {},
    },
    filled: [
      'id',
      'source',
      'gateway',
      'type',
      'nativeType',
      'occurredAt',
      'receivedAt',
      'live',
      'entity',
      'tenant',
      'data',
      'payment.id',
      'payment.orderId',
      'payment.requestedAmount',
      'payment.currency',
      'payment.status',
      'payment.method',
      'payment.customer.id',
      'payment.customer.name',
    ],
  });
});

it('changes nothing of an event that is whole', () => {
  expect(completeEvent(sampleEvent(), paid)).toEqual({ event: sampleEvent(), filled: [] });
});

it('invents no payment for an event that is about something else', () => {
  const { event, filled } = completeEvent({ type: 'stripe:customer.created' }, { on: 'run' });
  expect(event).toMatchObject({
    source: 'sample',
    gateway: 'stripe',
    nativeType: 'customer.created',
    payment: null,
    entity: 'entity_1',
  });
  expect(filled).not.toContain('payment');
  expect(completeEvent({ payment: null }, paid).event.payment).toBeNull();
  expect(completeEvent({}, { on: 'run' })).toMatchObject({ event: { type: 'payment.succeeded' } });
  expect(completeEvent({}, paid).filled).toContain('payment');
});

it('assumes that a later event is about the same payment', () => {
  const later = laterEvent({ type: 'payment.refunded', payment: { amount: 7 } }, sampleEvent(), 1_767_312_000_000, 0);
  expect(later).toMatchObject({
    id: 'evt_1-later-1',
    source: 'stripe',
    type: 'payment.refunded',
    nativeType: 'payment.refunded',
    occurredAt: '2026-01-02T00:00:00.000Z',
    receivedAt: '2026-01-02T00:00:00.000Z',
    payment: { id: 'pi_1', amount: 7, status: 'refunded', customer: { name: 'Sari' } },
  });
});

it('keeps everything that a later event sets', () => {
  const first = sampleEvent({ payment: null });
  const given = { id: 'evt_1', nativeType: 'x', data: { a: 1 }, type: 'stripe:y' };
  expect(laterEvent(given, first, 0, 1)).toMatchObject({ ...given, payment: null });
  expect(laterEvent({ payment: null }, sampleEvent(), 0, 0)).toMatchObject({ payment: null });
  expect(laterEvent({}, sampleEvent(), 0, 0)).toMatchObject({ nativeType: 'payment_intent.succeeded' });
  expect(laterEvent({ payment: { id: 'new' } }, first, 0, 0).payment).toMatchObject({ id: 'new', currency: 'IDR' });
});

const refunded = { on: { event: 'payment.refunded' } };

it.each([
  [{}, { amount: 2_500_000, totalRefunded: 2_500_000, full: true, currency: 'IDR' }],
  [{ amount: 12_500 }, { amount: 12_500, totalRefunded: 12_500, full: false }],
  [
    { amount: 500_000, totalRefunded: 2_500_000 },
    { amount: 500_000, full: true },
  ],
  [{ totalRefunded: 1_000 }, { amount: 1_000, totalRefunded: 1_000, full: false }],
  [{ full: null }, { amount: 2_500_000, full: null }],
])('takes a refund for one of everything unless the amounts say otherwise: %j', (refund, expected) => {
  const { event, filled } = completeEvent({ refund }, refunded);
  expect(event.refund).toEqual({ id: 're_1', reason: null, currency: 'IDR', totalRefunded: 2_500_000, ...expected });
  expect(event.payment).toMatchObject({ status: 'refunded', amount: 2_500_000 });
  expect(filled).toContain('refund.id');
});

it('does not guess whether a refund of an unknown payment is a full one', () => {
  expect(completeEvent({ payment: null, refund: { amount: 5 } }, refunded).event.refund).toMatchObject({
    amount: 5,
    totalRefunded: 5,
    full: null,
    currency: null,
  });
});

it('fills in a dispute, which is open for a week', () => {
  expect(
    completeEvent({ dispute: { reason: 'duplicate' } }, { on: { event: 'payment.disputed' } }).event,
  ).toMatchObject({
    payment: { status: 'disputed' },
    dispute: {
      id: 'dp_1',
      amount: 2_500_000,
      currency: 'IDR',
      reason: 'duplicate',
      status: 'open',
      evidenceDueAt: '2026-01-08T00:00:00.000Z',
    },
    refund: null,
  });
});

it.each([
  ['payout.succeeded', 'succeeded', null],
  ['payout.failed', 'failed', 'account_closed'],
  ['payout.refunded', null, null],
])('fills in a payout whose status follows from %s', (type, status, reason) => {
  const { event, filled } = completeEvent({ type, entity: 'po_9' }, { on: 'run' });
  expect(event).toMatchObject({ entity: 'po_9', payment: null });
  expect(event.payout).toEqual({
    id: 'po_9',
    reference: 'PAYOUT-1',
    amount: 2_500_000,
    currency: 'IDR',
    status,
    reason,
  });
  expect(filled.slice(-2)).toEqual(['data', 'payout']);
});

it.each([
  ['subscription.activated', 'active'],
  ['subscription.past_due', 'past_due'],
  ['subscription.payment_failed', 'past_due'],
  ['subscription.updated', 'active'],
])('fills in a subscription with a status as in %s', (type, status) => {
  const { event, filled } = completeEvent({ type, subscription: { customer: { email: null } } }, { on: 'run' });
  expect(event.entity).toBe('sub_1');
  expect(event.subscription).toEqual({
    id: 'sub_1',
    status,
    plan: 'monthly',
    amount: 5_000_000,
    currency: 'IDR',
    periodEndsAt: '2026-01-31T00:00:00.000Z',
    customer: { id: null, email: null, name: 'Sari' },
  });
  expect(filled).toContain('subscription.customer.name');
});

it('takes the facts of later events from the run’s own, and only those of their type', () => {
  const own = completeEvent({ subscription: { id: 'sub_7' } }, { on: { event: 'subscription.past_due' } }).event;
  const renewed = laterEvent({ type: 'subscription.updated', subscription: { status: 'active' } }, own, 0, 0);
  expect(renewed.subscription).toMatchObject({ id: 'sub_7', status: 'active' });
  expect(laterEvent({ type: 'payment.failed' }, own, 0, 0)).toMatchObject({ subscription: null, refund: null });
  const refund = laterEvent({ type: 'payment.refunded', refund: { amount: 1 } }, sampleEvent(), 0, 0);
  expect(refund).toMatchObject({ refund: { amount: 1, full: false }, dispute: null, payment: { id: 'pi_1' } });
});
