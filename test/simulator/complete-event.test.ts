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
      'entity',
      'tenant',
      'live',
      'refund',
      'dispute',
      'payout',
      'subscription',
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
