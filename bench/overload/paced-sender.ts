import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { runChildProgram } from '../child-program.ts';
import { createStripeWebhooks, type SignedWebhook } from '../stripe-payments.ts';
import { createPoison } from './poison.ts';

/** Webhooks at a fixed pace, whether or not the answers keep up. */
export interface PacedLoad {
  /** The receiver's URL. */
  url: string;
  perSecond: number;
  seconds: number;
  connections: number;
  /** Keeps the event ids of this load apart from those of all others. */
  prefix: string;
  /** Every how many webhooks one is poison; none by default. */
  poisonEvery?: number;
}

/** The lists have one entry for each webhook that is not poison, in the order of their sending times. */
export interface PacedResult {
  elapsedMs: number;
  /** The same for poison. */
  poisonStatuses: number[];
  eventIds: string[];
  /** Status of each answer; 0 if there was none. */
  statuses: number[];
  /** From the moment the webhook was due until its answer was complete. */
  latenciesMs: number[];
  /** How late this process itself sent each webhook, through no fault of the receiver. */
  delaysMs: number[];
}

const answerLimitMs = 20_000;
const tickMs = 2;

await runChildProgram(() =>
  Promise.resolve({ ready: null, answer: (load: PacedLoad) => sendPaced(load), stop: () => Promise.resolve() }),
);

/**
 * Signs each webhook when it is due, because signatures expire. If all connections are busy, a webhook waits for one while its latency
 * counts: a receiver that stalls cannot hide that by being sent less.
 */
async function sendPaced({
  url,
  perSecond,
  seconds,
  connections,
  prefix,
  poisonEvery,
}: PacedLoad): Promise<PacedResult> {
  const webhookAt = createStripeWebhooks('payment_intent.succeeded', prefix);
  const poisonAt = createPoison(prefix);
  const isPoison = (index: number) => poisonEvery !== undefined && index % poisonEvery === 0;
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: answerLimitMs, bodyTimeout: answerLimitMs });
  const count = Math.round(perSecond * seconds);
  const ordinary: Sent[] = [];
  const poison: Sent[] = [];
  const startedAt = performance.now();
  for (let next = 0; next < count;) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) / 1_000) * perSecond));
    for (; next < due; next += 1) {
      const scheduledAt = startedAt + (next / perSecond) * 1_000;
      const delayMs = performance.now() - scheduledAt;
      const webhook = (isPoison(next) ? poisonAt : webhookAt)(next, Date.now());
      const list = isPoison(next) ? poison : ordinary;
      list.push({ eventId: webhook.eventId, delayMs, answer: send(pool, webhook, scheduledAt) });
    }
    await pause(tickMs);
  }
  const answers = await Promise.all(ordinary.map(({ answer }) => answer));
  const poisonAnswers = await Promise.all(poison.map(({ answer }) => answer));
  const elapsedMs = performance.now() - startedAt;
  await pool.close();
  return {
    elapsedMs,
    poisonStatuses: poisonAnswers.map(({ status }) => status),
    eventIds: ordinary.map(({ eventId }) => eventId),
    statuses: answers.map(({ status }) => status),
    latenciesMs: answers.map(({ latencyMs }) => latencyMs),
    delaysMs: ordinary.map(({ delayMs }) => delayMs),
  };
}

interface Sent {
  eventId: string;
  delayMs: number;
  answer: Promise<Answer>;
}

interface Answer {
  status: number;
  latencyMs: number;
}

async function send(pool: Pool, { headers, body }: SignedWebhook, scheduledAt: number): Promise<Answer> {
  const status = await pool.request({ path: '/in/stripe', method: 'POST', headers, body }).then(
    async (response) => {
      await response.body.dump();
      return response.statusCode;
    },
    () => 0,
  );
  return { status, latencyMs: performance.now() - scheduledAt };
}
