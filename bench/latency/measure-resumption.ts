import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { rounded, type Report } from '../report.ts';
import { median, quantile } from '../rounds.ts';
import type { Services } from '../services.ts';
import { createStripeWebhooks, type SignedWebhook } from '../stripe-payments.ts';
import { type RunningKaitUp, startArrivals, startKaitUp } from './measure-latency.ts';

const warmUps = 10;
const payments = 60;
/** Until the step has registered its wait, after the request of the step before it has arrived. */
const settleMs = 250;

/** One run at a time that waits for an event in an idle `kait up`: from the POST of the event to the request of the run's next step. */
export async function measureResumption(
  services: Services,
  { report }: { report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const arrivals = await startArrivals();
    cleanup.add(() => arrivals.stop());
    const definitions = join(services.folder, 'waiting-definitions');
    await writeDefinitions(definitions, arrivals.url);
    const kait = await startKaitUp(services, arrivals.url, cleanup, { name: 'resumption', definitions });
    const failedAt = createStripeWebhooks('payment_intent.payment_failed', 'resumption');
    const succeededAt = createStripeWebhooks('payment_intent.succeeded', 'resumption');
    report('Sending events to waiting runs one by one');
    const times: number[] = [];
    for (let index = 0; index < warmUps + payments; index++) {
      const [begun, resumed] = [
        arrivals.of(`begun-pi_resumption_${index}`),
        arrivals.of(`resumed-pi_resumption_${index}`),
      ];
      await post(kait, failedAt(index, Date.now()));
      await begun;
      await pause(settleMs);
      const postedAt = Date.now();
      await post(kait, succeededAt(index, Date.now()));
      const arrivedAt = await resumed;
      if (index >= warmUps) times.push(arrivedAt - postedAt);
    }
    return reportOf(times);
  } finally {
    await cleanup.run();
  }
}

async function writeDefinitions(folder: string, url: string): Promise<void> {
  const tell = (id: string) => ({ id, http: url, body: { data: { reference: `${id}-{{event.payment.id}}` } } });
  const definition = {
    name: 'wait-for-payment',
    on: { event: 'payment.failed' },
    steps: [
      tell('begun'),
      {
        id: 'paid',
        waitFor: 'payment.succeeded',
        match: { 'event.payment.id': '{{event.payment.id}}' },
        timeout: '5m',
      },
      tell('resumed'),
    ],
  };
  const sources = { stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'], test: true } };
  await mkdir(join(folder, 'workflows'), { recursive: true });
  await writeFile(join(folder, 'workflows', 'wait-for-payment.json'), JSON.stringify(definition));
  await writeFile(join(folder, 'sources.json'), JSON.stringify(sources));
}

async function post(kait: RunningKaitUp, { headers, body }: SignedWebhook): Promise<void> {
  const response = await fetch(`${kait.ready.url}/in/stripe`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`Kait answered ${response.status}`);
}

function reportOf(times: number[]): Report {
  return {
    title: 'latency: from an event to the step after the waitFor that it ends, when idle',
    notes: [
      '`kait up` with PGlite and its own Temporal, one waiting run at a time: from the POST of the event to the HTTP request of the next step.',
    ],
    headings: ['until', 'events', 'least ms', 'median ms', 'p99 ms', 'most ms'],
    rows: [
      [
        'the next step’s request arrives',
        times.length,
        ...[0, 0.5, 0.99, 1].map((share) => rounded(quantile(times, share))),
      ],
    ],
    targets: [{ what: 'Median until the run has resumed', measured: median(times), unit: ' ms', atMost: 150 }],
  };
}
