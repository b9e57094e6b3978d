import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import type { Load } from '../receiving/load-generator.ts';
import type { LoadResult } from '../receiving/send-all.ts';
import { rounded, type Report } from '../report.ts';
import type { Services } from '../services.ts';
import { median } from '../statistics.ts';
import { stripeSecret } from '../stripe-webhooks.ts';
import { offerLoad, progressOf, type KaitUnderLoad, type PacedSender } from './offer-load.ts';
import { overloadReport, type DatabaseName, type Overload } from './overload-report.ts';

const databases: DatabaseName[] = ['PGlite', 'PostgreSQL'];
const connections = 64;
const overloadFactor = 10;
const warmUpRuns = 64;
const burstRuns = 300;
const bursts = 3;
const takenRequests = 6_000;
/** How long the backlog is watched. */
const watchMs = 10_000;
/** Until Temporal is done with a phase. */
const idleLimitMs = 180_000;

interface Options {
  overloadSeconds: number;
  report: (line: string) => void;
}

/** (f) Ten times as many webhooks as Temporal can start runs, at `kait up`: is anything lost, late or hoarded? */
export async function measureOverload(services: Services, options: Options): Promise<Report> {
  const overloads: Overload[] = [];
  for (const database of databases) overloads.push(await measureWith(database, services, options));
  return overloadReport(overloads);
}

interface Bench {
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
    const { kait, sender } = bench;
    const startsPerSecond = await measureStarts(bench);
    report(`Temporal starts ${rounded(startsPerSecond)} runs/s`);
    const takesPerSecond = await measureTaking(bench);
    report(`the receiver takes ${rounded(takesPerSecond)} webhooks/s`);
    const capacity = { seconds, connections, perSecond: startsPerSecond, prefix: 'capacity' };
    const atCapacity = await offerLoad(kait, sender, capacity);
    report(`at capacity p99 is ${rounded(atCapacity.p99Ms)} ms`);
    await untilIdle(kait);
    const perSecond = Math.min(startsPerSecond * overloadFactor, takesPerSecond);
    const overloaded = await offerLoad(kait, sender, { seconds, connections, perSecond, prefix: 'overload' });
    report(`at ${rounded(perSecond)} webhooks/s p99 is ${rounded(overloaded.p99Ms)} ms`);
    const drainedPerSecond = await watchBacklog(kait);
    return { database, startsPerSecond, takesPerSecond, atCapacity, overloaded, drainedPerSecond };
  } finally {
    await cleanup.run();
  }
}

async function startAll(database: DatabaseName, services: Services, cleanup: Cleanup): Promise<Bench> {
  const { folder, temporal, postgres } = services;
  const name = `overload-${database.toLowerCase()}`;
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
    sender: await start('./paced-sender.ts'),
    generator: await start('../receiving/load-generator.ts'),
    kait: await start('./kait-under-load.ts', {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      KAIT_TASK_QUEUE: name,
      TEMPORAL_ADDRESS: temporal.address,
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      ...(database === 'PostgreSQL' ? { DATABASE_URL: await postgres.createDatabase('bench_overload') } : {}),
    }),
  };
}

/** Runs a second, from the first webhook of a burst until Temporal has taken the last one. Runs go on at the same time. */
async function measureStarts({ kait, sender }: Bench): Promise<number> {
  const rates: number[] = [];
  for (let burst = 0; burst <= bursts; burst++) {
    const runs = burst === 0 ? warmUpRuns : burstRuns;
    const startedAt = performance.now();
    const load = { perSecond: runs * 10, seconds: 0.1, connections, prefix: `burst${burst}` };
    await sender.ask({ ...load, url: kait.ready.url });
    while ((await progressOf(kait)).pending > 0) await pause(50);
    if (burst > 0) rates.push((runs / (performance.now() - startedAt)) * 1_000);
    await untilIdle(kait);
  }
  return median(rates);
}

/** Webhooks a second that no definition is for, so that Temporal has nothing to do. */
async function measureTaking({ kait, generator }: Bench): Promise<number> {
  const load = { url: kait.ready.url, connections, requests: takenRequests, prefix: 'taken' };
  const { accepted, elapsedMs } = await generator.ask(load);
  return (accepted / elapsedMs) * 1_000;
}

async function untilIdle(kait: KaitUnderLoad): Promise<void> {
  const limit = performance.now() + idleLimitMs;
  for (;;) {
    const { pending, openRuns } = await progressOf(kait);
    if (pending === 0 && openRuns === 0) return;
    if (performance.now() > limit) throw new Error(`${pending} events and ${openRuns} runs are not done yet`);
    await pause(500);
  }
}

/** How many events a second are handed to Temporal once nothing new comes. */
async function watchBacklog(kait: KaitUnderLoad): Promise<number> {
  const startedAt = performance.now();
  const before = await progressOf(kait);
  await pause(watchMs);
  const after = await progressOf(kait);
  return ((before.pending - after.pending) / (performance.now() - startedAt)) * 1_000;
}
