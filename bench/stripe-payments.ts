import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { noFacts, type CanonicalEvent } from '../language/event.ts';

/** Both sides use it. */
export const stripeSecret = 'whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH';

export interface SignedWebhook {
  eventId: string;
  headers: { 'content-type': 'application/json'; 'stripe-signature': string };
  body: string;
}

/**
 * Makes webhooks from a Stripe sample, each with its own event, payment and order ids and a valid signature. No packaged
 * definition handles `payment_intent.payment_failed`.
 */
export function createStripeWebhooks(
  sample: 'payment_intent.succeeded' | 'payment_intent.payment_failed',
  prefix: string,
): (index: number, nowMs: number) => SignedWebhook {
  const file = new URL(`../definitions/gateways/samples/stripe/${sample}.json`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  const { id, data } = JSON.parse(text) as {
    id: string;
    data: { object: { id: string; metadata: { order_id: string } } };
  };
  return (index, nowMs) => {
    const mark = `${prefix}_${index}`;
    // A payment that succeeded is one event, however often and in whatever form Stripe tells it.
    const eventId = sample === 'payment_intent.succeeded' ? `pi_${mark}:succeeded` : `evt_${mark}`;
    const body = text
      .replaceAll(id, `evt_${mark}`)
      .replaceAll(data.object.id, `pi_${mark}`)
      .replaceAll(data.object.metadata.order_id, `ORDER-${mark}`);
    const timestamp = Math.floor(nowMs / 1_000);
    const signature = createHmac('sha256', stripeSecret).update(`${timestamp}.${body}`).digest('hex');
    return {
      eventId,
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${timestamp},v1=${signature}` },
      body,
    };
  };
}

/** A payment that succeeded, as the Stripe preset parses it. `mark` keeps its ids apart from others. */
export function paidEvent(mark: string): CanonicalEvent {
  return {
    id: `pi_${mark}:succeeded`,
    source: 'stripe',
    gateway: 'stripe',
    type: 'payment.succeeded',
    nativeType: 'payment_intent.succeeded',
    occurredAt: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:01.000Z',
    entity: `pi_${mark}`,
    tenant: null,
    ...noFacts,
    payment: {
      id: `pi_${mark}`,
      orderId: `ORDER-${mark}`,
      amount: 2_500_000,
      requestedAmount: null,
      currency: 'IDR',
      status: 'succeeded',
      method: 'card',
      customer: { id: null, email: 'sari@shop.example', name: 'Sari' },
    },
    data: { id: `evt_${mark}`, type: 'payment_intent.succeeded' },
  };
}
