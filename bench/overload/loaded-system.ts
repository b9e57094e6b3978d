import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import type { Load } from '../receiving/load-generator.ts';
import type { LoadResult } from '../receiving/send-all.ts';
import { median } from '../rounds.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-payments.ts';
import type { Progress } from './kait-under-load.ts';
import { progressOf, type KaitUnderLoad, type PacedSender } from './offer-load.ts';
import type { DatabaseName, TemporalRates } from './overload-report.ts';

/** Connections of every sender. */
export const connections = 64;
const warmUpRuns = 64;
const burstRuns = 300;
const bursts = 3;
const burstSeconds = 0.1;
/** The longest wait for Temporal to finish one load. */
const untilLimitMs = 180_000;

/** `kait up` under load, and those who load it. */
export interface LoadedSystem {
  /** The start of every load's prefix. Both databases share one Temporal, which starts no workflow id twice. */
  mark: string;
  kait: KaitUnderLoad;
  sender: PacedSender;
  generator: ChildProgram<null, Load, LoadResult>;
}

/** `part` names the measurement, and `environment` has its own settings. */
export async function startLoadedSystem(
  { part, database, environment }: { part: string; database: DatabaseName; environment?: NodeJS.ProcessEnv },
  services: Services,
  cleanup: Cleanup,
): Promise<LoadedSystem> {
  const { folder, temporal, postgres } = services;
  const name = `${part}-${database.toLowerCase()}`;
  const home = join(folder, name);
  await mkdir(home);
  const start = async <Program extends ChildProgram<unknown, never, unknown>>(module: string, settings = {}) => {
    const outputFile = join(home, `${module.replaceAll(/.*\/|\.ts/g, '')}.log`);
    const program = await startChildProgram({
      module: new URL(module, import.meta.url),
      settings: null,
      environment: settings,
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
      ...(database === 'PostgreSQL' ? { DATABASE_URL: await postgres.createDatabase(`bench_${part}`) } : {}),
      ...environment,
    }),
  };
}

/** Runs a second that Temporal starts until a burst is handed over, and that it ends until the last run of the burst is over. */
export async function measureTemporal({ mark, kait, sender }: LoadedSystem): Promise<TemporalRates> {
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

export const isIdle = ({ pending, openRuns }: Progress) => pending === 0 && openRuns === 0;

export async function until(kait: KaitUnderLoad, holds: (progress: Progress) => boolean): Promise<void> {
  const limit = performance.now() + untilLimitMs;
  for (let progress = await progressOf(kait); !holds(progress); progress = await progressOf(kait)) {
    if (performance.now() > limit)
      throw new Error(`Still waiting after ${untilLimitMs} ms: ${JSON.stringify(progress)}`);
    await pause(100);
  }
}
