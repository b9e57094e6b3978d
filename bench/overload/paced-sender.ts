import { Pool } from 'undici';
import { setTimeout as pause } from 'node:timers/promises';
import { runChildProgram } from '../child-program.ts';
import { createStripeWebhooks, type SignedWebhook } from '../stripe-webhooks.ts';

/** Webhooks at a fixed pace, whether or not the answers keep up with it. */
export interface PacedLoad {
  /** Of the receiver. */
  url: string;
  perSecond: number;
  seconds: number;
  connections: number;
  /** Makes the event ids of this load unlike those of all others. */
  prefix: string;
}

/** The lists have one entry for each webhook, in the order of their sending times. */
export interface PacedResult {
  elapsedMs: number;
  eventIds: string[];
  /** Of the answers; 0 where none came. */
  statuses: number[];
  /** From the time at which the schedule had the webhook leave until the whole answer was there. */
  latenciesMs: number[];
  /** How much later than scheduled this process got round to sending, through no fault of the receiver. */
  delaysMs: number[];
}

const answerLimitMs = 20_000;
const tickMs = 2;

await runChildProgram(() =>
  Promise.resolve({ ready: null, answer: (load: PacedLoad) => sendPaced(load), stop: () => Promise.resolve() }),
);

/**
 * Everything is signed before the first webhook leaves. Where all connections are busy a webhook waits for one, and its time
 * runs: a receiver that stalls cannot hide that by having less sent to it.
 */
async function sendPaced({ url, perSecond, seconds, connections, prefix }: PacedLoad): Promise<PacedResult> {
  const webhookAt = createStripeWebhooks('payment_intent.succeeded', prefix);
  const nowMs = Date.now();
  const webhooks = Array.from({ length: Math.round(perSecond * seconds) }, (_, index) => webhookAt(index, nowMs));
  const pool = new Pool(url, { connections, pipelining: 1, headersTimeout: answerLimitMs, bodyTimeout: answerLimitMs });
  const answers: Promise<Answer>[] = [];
  const delaysMs: number[] = [];
  const startedAt = performance.now();
  while (answers.length < webhooks.length) {
    const due = Math.min(webhooks.length, Math.ceil(((performance.now() - startedAt) / 1_000) * perSecond));
    for (const webhook of webhooks.slice(answers.length, due)) {
      const scheduledAt = startedAt + (answers.length / perSecond) * 1_000;
      delaysMs.push(performance.now() - scheduledAt);
      answers.push(send(pool, webhook, scheduledAt));
    }
    await pause(tickMs);
  }
  const all = await Promise.all(answers);
  const elapsedMs = performance.now() - startedAt;
  await pool.close();
  return {
    elapsedMs,
    eventIds: webhooks.map(({ eventId }) => eventId),
    statuses: all.map(({ status }) => status),
    latenciesMs: all.map(({ latencyMs }) => latencyMs),
    delaysMs,
  };
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
