import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripeSecret, type SignedWebhook } from '../stripe-payments.ts';

/** Bytes of what is too long, beyond Temporal's 4 MiB for a request. */
const tooLongBytes = 4_500_000;
const tooLong = 'x'.repeat(tooLongBytes);

/**
 * Makes genuine webhooks that are a burden, in turns: an order id that is too long, which every run of the event would have to know, and
 * a note that is too long, to which no definition refers. They need a receiver that takes 16 MiB.
 */
export function createPoison(prefix: string): (index: number, nowMs: number) => SignedWebhook {
  const file = new URL('../../definitions/gateways/samples/stripe/payment_intent.succeeded.json', import.meta.url);
  const sample = readFileSync(file, 'utf8');
  let count = 0;
  return (index, nowMs) => {
    const long = count++ % 2 === 0 ? 'orderId' : 'note';
    const mark = `${prefix}_${index}_poison`;
    const body = bodyOf(sample, mark, long);
    const timestamp = Math.floor(nowMs / 1_000);
    const signature = createHmac('sha256', stripeSecret).update(`${timestamp}.${body}`).digest('hex');
    return {
      eventId: `pi_${mark}:succeeded`,
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${timestamp},v1=${signature}` },
      body,
    };
  };
}

function bodyOf(sample: string, mark: string, long: 'orderId' | 'note'): string {
  // The sample is an event with a payment intent, as Stripe sends it.
  const event = JSON.parse(sample) as {
    id: string;
    data: { object: { id: string; metadata: Record<string, string>; description?: string } };
  };
  event.id = `evt_${mark}`;
  event.data.object.id = `pi_${mark}`;
  event.data.object.metadata.order_id = long === 'orderId' ? tooLong : `ORDER-${mark}`;
  if (long === 'note') event.data.object.description = tooLong;
  return JSON.stringify(event);
}
