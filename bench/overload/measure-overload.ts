import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { rounded, type Report } from '../report.ts';
import type { Services } from '../services.ts';
import { connections, isIdle, measureTemporal, startLoadedSystem, until, type LoadedSystem } from './loaded-system.ts';
import { offerLoad, progressOf, type KaitUnderLoad } from './offer-load.ts';
import { overloadReport, type DatabaseName, type Overload } from './overload-report.ts';

const databases: DatabaseName[] = ['PGlite', 'PostgreSQL'];
const overloadFactor = 10;
/** Share of what the receiver accepts while Temporal is idle. Closer to that limit every receiver is late. */
const mostShareOfReceiver = 0.75;
const takenRequests = 6_000;
const watchMs = 10_000;

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

async function measureWith(database: DatabaseName, services: Services, options: Options): Promise<Overload> {
  const cleanup = createCleanup();
  const { overloadSeconds: seconds } = options;
  const report = (line: string) => options.report(`${database}: ${line}`);
  try {
    const bench = await startLoadedSystem({ part: 'overload', database }, services, cleanup);
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

/** Accepted webhooks a second. No definition handles them, so Temporal has nothing to do. */
async function measureReceiver({ mark, kait, generator }: LoadedSystem): Promise<number> {
  const load = { url: kait.ready.url, connections, requests: takenRequests, prefix: `${mark}_taken` };
  const { accepted, elapsedMs } = await generator.ask(load);
  return (accepted / elapsedMs) * 1_000;
}

/** Events a second that are handed to Temporal once no more arrive. */
async function watchBacklog(kait: KaitUnderLoad): Promise<number> {
  const startedAt = performance.now();
  const before = await progressOf(kait);
  await pause(watchMs);
  const after = await progressOf(kait);
  return ((before.pending - after.pending) / (performance.now() - startedAt)) * 1_000;
}
