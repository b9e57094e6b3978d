import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import type { Load } from '../receiving/load-generator.ts';
import type { LoadResult } from '../receiving/send-all.ts';
import { rounded, type Report } from '../report.ts';
import { median } from '../rounds.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-payments.ts';
import type { Progress } from './kait-under-load.ts';
import { offerLoad, progressOf, type KaitUnderLoad, type PacedSender } from './offer-load.ts';
import { overloadReport, type DatabaseName, type Overload, type TemporalRates } from './overload-report.ts';

const databases: DatabaseName[] = ['PGlite', 'PostgreSQL'];
const connections = 64;
const overloadFactor = 10;
/** Share of what the receiver accepts while Temporal is idle. Closer to that limit every receiver is late. */
const mostShareOfReceiver = 0.75;
const warmUpRuns = 64;
const burstRuns = 300;
const bursts = 3;
const burstSeconds = 0.1;
const takenRequests = 6_000;
const watchMs = 10_000;
/** The longest wait for Temporal to finish one load. */
const untilLimitMs = 180_000;

interface Options {
  overloadSeconds: number;
  report: (line: string) => void;
}

/**
 * Sends `kait up` ten times as many webhooks as Temporal can keep up with. Is anything lost, late or hoarded? Temporal's capacity
 * is the rate at which runs end: starting them faster would only move the queue into Temporal.
 */
export async function measureOverload(services: Services, options: Options): Promise<Report> {
  const overloads: Overload[] = [];
  for (const database of databases) overloads.push(await measureWith(database, services, options));
  return overloadReport(overloads);
}

interface Bench {
  /** The start of every load's prefix. Both databases share one Temporal, which starts no workflow id twice. */
  mark: string;
  kait: KaitUnderLoad;
  sender: PacedSender;
  generator: ChildProgram<null, Load, LoadResult>;
}

async function measureWith(database: DatabaseName, services: Services, options: Options): Promise<Overload> {
  const cleanup = createCleanup();
  const { overloadSeconds: seconds } = options;
  const report = (line: string) => options.report(`${database}: ${line}`);
  try {
    const bench = await startAll(database, services, cleanup);
    const { mark, kait, sender } = bench;
    const temporal = await measureTemporal(bench);
    report(`Temporal starts ${rounded(temporal.startsPerSecond)} runs/s and ends ${rounded(temporal.endsPerSecond)}`);
    const receivesPerSecond = await measureReceiver(bench);
    report(`the receiver accepts ${rounded(receivesPerSecond)} webhooks/s`);
    const offer = async (perSecond: number, name: string) => {
      const prefix = `${mark}_${name}`;
      const offered = await offerLoad(kait, sender, { perSecond, seconds, connections, prefix });
      report(`${rounded(perSecond)} webhooks/s are acknowledged within ${rounded(offered.p99Ms)} ms (p99)`);
      return offered;
    };
    const atCapacity = await offer(temporal.endsPerSecond, 'capacity');
    await until(kait, isIdle);
    const mostPerSecond = receivesPerSecond * mostShareOfReceiver;
    const overloaded = await offer(Math.min(temporal.endsPerSecond * overloadFactor, mostPerSecond), 'overload');
    const drainedPerSecond = await watchBacklog(kait);
    return { database, ...temporal, receivesPerSecond, atCapacity, overloaded, drainedPerSecond };
  } finally {
    await cleanup.run();
  }
}

async function startAll(database: DatabaseName, services: Services, cleanup: Cleanup): Promise<Bench> {
  const { folder, temporal, postgres } = services;
  const name = `overload_${database.toLowerCase()}`;
  const home = join(folder, name);
  await mkdir(home);
  const start = async <Program extends ChildProgram<unknown, never, unknown>>(module: string, environment = {}) => {
    const outputFile = join(home, `${module.replaceAll(/.*\/|\.ts/g, '')}.log`);
    const program = await startChildProgram({
      module: new URL(module, import.meta.url),
      settings: null,
      environment,
      outputFile,
    });
    cleanup.add(() => program.stop());
    return program as unknown as Program;
  };
  return {
    mark: name,
    sender: await start('./paced-sender.ts'),
    generator: await start('../receiving/load-generator.ts'),
    kait: await start('./kait-under-load.ts', {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      KAIT_INSTALLATION: name,
      TEMPORAL_ADDRESS: temporal.address,
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      ...(database === 'PostgreSQL' ? { DATABASE_URL: await postgres.createDatabase('bench_overload') } : {}),
    }),
  };
}

/** Runs a second that Temporal starts until a burst is handed over, and that it ends until the last run of the burst is over. */
async function measureTemporal({ mark, kait, sender }: Bench): Promise<TemporalRates> {
  const rates: TemporalRates[] = [];
  for (let burst = 0; burst <= bursts; burst++) {
    const runs = burst === 0 ? warmUpRuns : burstRuns;
    const startedAt = performance.now();
    const perSecond = () => (runs / (performance.now() - startedAt)) * 1_000;
    const load = {
      perSecond: runs / burstSeconds,
      seconds: burstSeconds,
      connections,
      prefix: `${mark}_burst${burst}`,
    };
    await sender.ask({ ...load, url: kait.ready.url });
    await until(kait, ({ pending }) => pending === 0);
    const startsPerSecond = perSecond();
    await until(kait, isIdle);
    if (burst > 0) rates.push({ startsPerSecond, endsPerSecond: perSecond() });
  }
  return {
    startsPerSecond: median(rates.map(({ startsPerSecond }) => startsPerSecond)),
    endsPerSecond: median(rates.map(({ endsPerSecond }) => endsPerSecond)),
  };
}

/** Accepted webhooks a second. No definition handles them, so Temporal has nothing to do. */
async function measureReceiver({ mark, kait, generator }: Bench): Promise<number> {
  const load = { url: kait.ready.url, connections, requests: takenRequests, prefix: `${mark}_taken` };
  const { accepted, elapsedMs } = await generator.ask(load);
  return (accepted / elapsedMs) * 1_000;
}

const isIdle = ({ pending, openRuns }: Progress) => pending === 0 && openRuns === 0;

async function until(kait: KaitUnderLoad, holds: (progress: Progress) => boolean): Promise<void> {
  const limit = performance.now() + untilLimitMs;
  for (let progress = await progressOf(kait); !holds(progress); progress = await progressOf(kait)) {
    if (performance.now() > limit)
      throw new Error(`Still waiting after ${untilLimitMs} ms: ${JSON.stringify(progress)}`);
    await pause(100);
  }
}

/** Events a second that are handed to Temporal once no more arrive. */
async function watchBacklog(kait: KaitUnderLoad): Promise<number> {
  const startedAt = performance.now();
  const before = await progressOf(kait);
  await pause(watchMs);
  const after = await progressOf(kait);
  return ((before.pending - after.pending) / (performance.now() - startedAt)) * 1_000;
}
