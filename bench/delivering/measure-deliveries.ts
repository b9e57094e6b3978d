import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram } from '../child-program.ts';
import { rounded, type Report } from '../report.ts';
import { startPostgres } from '../../test/services/postgres.ts';
import { quantile, rotated } from '../rounds.ts';
import type { Services } from '../services.ts';
import type { DeliveriesAnswer, DeliveriesQuestion, DeliveryWorkerSettings } from './delivery-worker.ts';

const endpointCount = 200;
const badOfEach = 20;
const perSecond = 20;
const messagesPerRound = 600;
/** Of good endpoints alone and beside bad ones, in turns. Even, so that each comes first equally often. */
const rounds = 4;
const burst = 2_000;
/** What is not there after this time is counted as missing. Longer than an attempt at an endpoint that hangs may take. */
const patienceMs = 60_000;

type Kind = 'good' | 'hangs' | 'fails';
/** To a single endpoint, while the others get their messages. */
const busyBurst = 500;
interface Measured extends DeliveriesAnswer {
  /** From `emit` to arrival at endpoints that answer, in ms. */
  latencies: number[];
  /** How many should have arrived there. */
  good: number;
  elapsedMs: number;
}

/** Deliveries per second, the time from `emit` to arrival, and what 20 endpoints that hang and 20 that fail do to the others. */
export async function measureDeliveries(
  { folder, temporal }: Services,
  { report }: { report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const postgres = await startPostgres({ countsStatements: true });
    cleanup.add(() => postgres.stop());
    const receiver = await startReceiver();
    cleanup.add(() => receiver.stop());
    const settings: DeliveryWorkerSettings = {
      temporalAddress: temporal.address,
      databaseUrl: await postgres.createDatabase('bench_deliveries'),
    };
    const worker = await startChildProgram<null, DeliveriesQuestion, DeliveriesAnswer>({
      module: new URL('./delivery-worker.ts', import.meta.url),
      settings,
      outputFile: join(folder, 'deliveries.log'),
    });
    cleanup.add(() => worker.stop());
    const measure = async (
      kinds: Kind[],
      question: { messages: number; perSecond: number },
      burstSize = 0,
    ): Promise<Measured> => {
      await receiver.untilIdle();
      receiver.reset();
      const wanted = Array.from({ length: question.messages }, (_, index) => kinds[index % kinds.length]);
      const good = wanted.filter((kind) => kind === 'good').length;
      const startedAt = performance.now();
      await worker.ask({
        ...{ ...question, urls: kinds.map((kind) => receiver.urlOf(kind)) },
        burst: { url: receiver.urlOf('busy'), messages: burstSize },
      });
      await receiver.untilArrived(good);
      const elapsedMs = performance.now() - startedAt;
      return { latencies: receiver.latencies(), good, elapsedMs, ...(await worker.ask(null)) };
    };
    report('Warming up deliveries');
    const allGood = Array<Kind>(endpointCount).fill('good');
    const badOnes = [...Array<Kind>(badOfEach).fill('hangs'), ...Array<Kind>(badOfEach).fill('fails')];
    const someBad = [...allGood.slice(badOnes.length), ...badOnes];
    await measure(allGood, { messages: 200, perSecond });
    report('Delivering a burst');
    const atOnce = await measure(allGood, { messages: burst, perSecond: 100_000 });
    const alone: Measured[] = [];
    const besideBad: Measured[] = [];
    const turns = [
      { kinds: allGood, measured: alone },
      { kinds: someBad, measured: besideBad },
    ];
    for (let round = 0; round < rounds; round += 1) {
      report(`Delivering to good endpoints, alone and beside bad ones: round ${round + 1} of ${rounds}`);
      for (const { kinds, measured } of rotated(turns, round)) {
        measured.push(await measure(kinds, { messages: messagesPerRound, perSecond }));
      }
    }
    const calm = together(alone);
    const beside = together(besideBad);
    report(`Delivering beside ${busyBurst} at once to one endpoint`);
    const besideBurst = await measure(allGood, { messages: messagesPerRound / 2, perSecond: perSecond / 2 }, busyBurst);
    const p99 = { calm: quantile(calm.latencies, 0.99), beside: quantile(beside.latencies, 0.99) };
    const row = (what: string, { latencies, good }: Measured) => [
      ...[what, good, good - latencies.length],
      ...[rounded(quantile(latencies, 0.5)), rounded(quantile(latencies, 0.99))],
    ];
    return {
      title: 'deliveries: from emit to arrival',
      notes: [
        `${endpointCount} endpoints of one worker. Time from emit to arrival at endpoints that answer, in ms; of ${rounds} rounds in turns, taken together.`,
        `At ${perSecond} messages a second, and ${burst} at once. In the burst: ${perSecondOf(atOnce)} deliveries a second,`,
        `and for each, its emit included, ${(atOnce.statements / burst).toFixed(1)} statements in ${(atOnce.transactions / burst).toFixed(1)} transactions,`,
        'and one activity in Temporal, with one attempt.',
      ],
      headings: ['deliveries', 'to good ones', 'missing', 'p50', 'p99'],
      rows: [
        row('burst', atOnce),
        row('all endpoints good', calm),
        row(`${badOfEach} hang, ${badOfEach} fail`, beside),
        row(`${busyBurst} at once to another one`, besideBurst),
      ],
      targets: [
        { what: 'p99 beside bad endpoints / without them', measured: p99.beside / p99.calm, unit: '', atMost: 1.3 },
        { what: 'missing', measured: beside.good - beside.latencies.length, unit: '', atMost: 0 },
      ],
    };
  } finally {
    await cleanup.run();
  }
}

/** Several rounds as one. */
function together(measured: Measured[]): Measured {
  const total = (of: (round: Measured) => number) => measured.reduce((sum, round) => sum + of(round), 0);
  return {
    latencies: measured.flatMap(({ latencies }) => latencies),
    good: total(({ good }) => good),
    elapsedMs: total(({ elapsedMs }) => elapsedMs),
    statements: total(({ statements }) => statements),
    transactions: total(({ transactions }) => transactions),
  };
}

function perSecondOf({ good, elapsedMs }: { good: number; elapsedMs: number }): string {
  return ((good * 1_000) / elapsedMs).toFixed(0);
}

/** One server with a path for each kind of endpoint. */
async function startReceiver() {
  let arrived: number[] = [];
  let hanging = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const now = performance.timeOrigin + performance.now();
      if (request.url === '/hangs') {
        hanging += 1;
        response.on('close', () => (hanging -= 1));
        return;
      }
      if (request.url === '/good') {
        const { sentAt } = JSON.parse(Buffer.concat(chunks).toString()) as { sentAt: number };
        arrived.push(now - sentAt);
      }
      response.writeHead(request.url === '/fails' ? 500 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (kind: Kind | 'busy') => `http://127.0.0.1:${port}/${kind}`,
    reset: () => {
      arrived = [];
    },
    latencies: () => arrived,
    /** Until nobody waits for an answer any more: what one round leaves under way would slow down the next. */
    async untilIdle(): Promise<void> {
      const endsAt = performance.now() + patienceMs;
      while (hanging > 0 && performance.now() < endsAt) await sleep(100);
    },
    async untilArrived(count: number): Promise<void> {
      const endsAt = performance.now() + patienceMs;
      while (arrived.length < count && performance.now() < endsAt) await sleep(20);
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
