import { noFacts, type CanonicalEvent } from '../../language/event.ts';
import type { NewBody, NewEvent } from '../../server/new-event.ts';

/** A canonical event as the Stripe preset produces it, with the test's changes. */
export function sampleEvent(changes: Partial<CanonicalEvent> = {}): CanonicalEvent {
  return {
    id: 'evt_1',
    source: 'stripe',
    gateway: 'stripe',
    type: 'payment.succeeded',
    nativeType: 'payment_intent.succeeded',
    occurredAt: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:01.000Z',
    entity: 'pi_1',
    tenant: null,
    ...noFacts,
    payment: {
      id: 'pi_1',
      orderId: 'ORDER-1',
      amount: 2_500_000,
      requestedAmount: null,
      currency: 'IDR',
      status: 'succeeded',
      method: 'card',
      customer: { id: null, email: 'sari@shop.example', name: 'Sari' },
    },
    data: { id: 'evt_1' },
    ...changes,
  };
}

/** A request with this text. */
export function bodyOf(text: string): NewBody {
  return { bytes: Buffer.from(text), contentType: 'application/json', headers: null };
}

/** The event as the receiver stores it. */
export function newEvent(changes: Partial<CanonicalEvent> = {}): NewEvent {
  const event = sampleEvent(changes);
  return {
    event,
    state: 'pending',
    lastError: null,
    holdMs: 0,
    endsHold: false,
    body: bodyOf(JSON.stringify(event.data)),
    item: 0,
  };
}
