import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The secret of both sides. */
export const stripeSecret = 'whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH';

export interface SignedWebhook {
  eventId: string;
  headers: { 'content-type': 'application/json'; 'stripe-signature': string };
  body: string;
}

/**
 * Makes webhooks of Stripe's sample, each with an event, a payment and an order of its own and a valid signature.
 * `payment_intent.payment_failed` is an event that no packaged definition handles.
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
    const eventId = `evt_${mark}`;
    const body = text
      .replaceAll(id, eventId)
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
