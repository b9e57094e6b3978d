import type { CanonicalEvent } from '../language/event.ts';

/** A payment that succeeded, as the Stripe preset makes it. `mark` keeps its ids apart from others. */
export function paidEvent(mark: string): CanonicalEvent {
  return {
    id: `evt_${mark}`,
    source: 'stripe',
    gateway: 'stripe',
    type: 'payment.succeeded',
    nativeType: 'payment_intent.succeeded',
    occurredAt: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:01.000Z',
    entity: `pi_${mark}`,
    tenant: null,
    payment: {
      id: `pi_${mark}`,
      orderId: `ORDER-${mark}`,
      amount: 2_500_000,
      currency: 'IDR',
      status: 'succeeded',
      method: 'card',
      customer: { id: null, email: 'sari@shop.example', name: 'Sari' },
    },
    data: { id: `evt_${mark}`, type: 'payment_intent.succeeded' },
  };
}
