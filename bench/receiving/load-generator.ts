import { runChildProgram } from '../child-program.ts';
import { createStripeWebhooks } from '../stripe-payments.ts';
import { sendAll, type LoadResult } from './send-all.ts';

/** A burst of Stripe's webhooks. */
export interface Load {
  /** The receiver's URL. */
  url: string;
  connections: number;
  requests: number;
  /** Keeps the event ids of this load apart from those of all others. */
  prefix: string;
}

await runChildProgram(() =>
  Promise.resolve({ ready: null, answer: (load: Load) => sendStripeWebhooks(load), stop: () => Promise.resolve() }),
);

function sendStripeWebhooks({ url, connections, requests, prefix }: Load): Promise<LoadResult> {
  const webhookAt = createStripeWebhooks('payment_intent.payment_failed', prefix);
  const nowMs = Date.now();
  const webhooks = Array.from({ length: requests }, (_, index) => webhookAt(index, nowMs));
  return sendAll({ url: `${url}/in/stripe`, connections, webhooks });
}
