import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { runChildProgram } from '../child-program.ts';
import { createStripeWebhooks, type SignedWebhook } from '../stripe-payments.ts';

/** Webhooks at a fixed pace, whether or not the answers keep up. */
export interface PacedLoad {
  /** The receiver's URL. */
  url: string;
  perSecond: number;
  seconds: number;
  connections: number;
  /** Keeps the event ids of this load apart from those of all others. */
  prefix: string;
}

/** The lists have one entry for each webhook, in the order of their sending times. */
export interface PacedResult {
  elapsedMs: number;
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
 * Signs everything before the first webhook leaves. If all connections are busy, a webhook waits for one while its latency counts:
 * a receiver that stalls cannot hide that by being sent less.
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
