import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { workflowIdOf } from '../../server/start-run.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report } from '../report.ts';
import { median, quantile } from '../rounds.ts';
import type { Services } from '../services.ts';
import { createStripeWebhooks, stripeSecret, type SignedWebhook } from '../stripe-payments.ts';
import type { KaitUp, KaitUpSettings, StartTimes } from './kait-up.ts';

const warmUpWebhooks = 10;
const webhooks = 60;
const pauseMs = 50;

interface Passage {
  acknowledgedMs: number;
  startedMs: number;
  arrivedMs: number;
}

/** One webhook at a time through an idle `kait up`: the time until it is acknowledged, its run starts, and the outbound webhook arrives. */
export async function measureLatency(
  services: Services,
  { report }: { report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const arrivals = await startArrivals();
    cleanup.add(() => arrivals.stop());
    const kait = await startKaitUp(services, arrivals.url, cleanup);
    const webhookAt = createStripeWebhooks('payment_intent.succeeded', 'latency');
    report('Sending webhooks one by one');
    const passages: Passage[] = [];
    for (let index = 0; index < warmUpWebhooks + webhooks; index++) {
      const passage = await sendOne(kait, arrivals, webhookAt(index, Date.now()), `ORDER-latency_${index}`);
      if (index >= warmUpWebhooks) passages.push(passage);
      await pause(pauseMs);
    }
    return reportOf(passages, peakMemoryMbOf(kait.pid));
  } finally {
    await cleanup.run();
  }
}

export type RunningKaitUp = ChildProgram<KaitUp, string[], StartTimes>;

/** `definitions`: in place of those that come with Kait. */
export async function startKaitUp(
  { folder }: Services,
  endpointUrl: string,
  cleanup: Cleanup,
  { name = 'up', definitions }: { name?: string; definitions?: string } = {},
): Promise<RunningKaitUp> {
  const home = join(folder, name);
  await mkdir(home);
  const settings: KaitUpSettings = { endpointUrl };
  const kait: RunningKaitUp = await startChildProgram({
    module: new URL('./kait-up.ts', import.meta.url),
    settings,
    outputFile: join(home, 'kait.log'),
    environment: {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      ...(definitions && { KAIT_DEFINITIONS: definitions }),
      KAIT_OUTBOUND_ALLOW: '127.0.0.0/8',
      STRIPE_WEBHOOK_SECRET: stripeSecret,
    },
  });
  cleanup.add(() => kait.stop());
  return kait;
}

async function sendOne(
  kait: RunningKaitUp,
  arrivals: Arrivals,
  { eventId, headers, body }: SignedWebhook,
  reference: string,
): Promise<Passage> {
  const arrived = arrivals.of(reference);
  const postedAt = Date.now();
  const response = await fetch(`${kait.ready.url}/in/stripe`, { method: 'POST', headers, body });
  const acknowledgedAt = Date.now();
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`Kait answered ${response.status}`);
  const arrivedAt = await arrived;
  const workflowId = workflowIdOf(kait.ready.installation, 'payment-succeeded', { source: 'stripe', id: eventId });
  const { [workflowId]: startedAt = NaN } = await kait.ask([workflowId]);
  return {
    acknowledgedMs: acknowledgedAt - postedAt,
    startedMs: startedAt - postedAt,
    arrivedMs: arrivedAt - postedAt,
  };
}

/** Receives outbound webhooks and notes when each one had arrived completely. */
interface Arrivals {
  url: string;
  /** Resolves to the time in Unix ms at which the webhook about `reference` arrived. Rejects after 30 s. */
  of(reference: string): Promise<number>;
  stop(): Promise<void>;
}

const limitMs = 30_000;

export async function startArrivals(): Promise<Arrivals> {
  const waiting = new Map<string, (arrivedAtMs: number) => void>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const arrivedAtMs = Date.now();
      response.writeHead(204).end();
      const { data } = JSON.parse(body) as { data: { reference: string } };
      waiting.get(data.reference)?.(arrivedAtMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    url: `http://127.0.0.1:${port}/`,
    of: (reference) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          reject(new Error(`No outbound webhook about ${reference} within ${limitMs} ms`));
        }, limitMs);
        waiting.set(reference, (arrivedAtMs) => {
          clearTimeout(limit);
          resolve(arrivedAtMs);
        });
      }),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reportOf(passages: Passage[], peakMb: number): Report {
  const rowOf = (what: string, of: (passage: Passage) => number) => {
    const values = passages.map(of);
    return [what, values.length, ...[0, 0.5, 0.95, 1].map((share) => rounded(quantile(values, share)))];
  };
  return {
    title: 'latency: the time from the POST, when idle',
    notes: [
      '`kait up` with PGlite and its own Temporal, one webhook at a time: order, cashback, mail, outbound webhook to one endpoint.',
      `The start is the time of Temporal’s own event. Kait’s process peaked at ${rounded(peakMb)} MB.`,
    ],
    headings: ['until', 'webhooks', 'least ms', 'median ms', 'p95 ms', 'most ms'],
    rows: [
      rowOf('it is acknowledged', ({ acknowledgedMs }) => acknowledgedMs),
      rowOf('its run starts', ({ startedMs }) => startedMs),
      rowOf('its outbound webhook arrives', ({ arrivedMs }) => arrivedMs),
    ],
    targets: [
      {
        what: 'Median until the outbound webhook arrives',
        measured: median(passages.map(({ arrivedMs }) => arrivedMs)),
        unit: ' ms',
        atMost: 150,
      },
    ],
  };
}
