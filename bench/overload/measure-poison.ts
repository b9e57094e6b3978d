import { createCleanup } from '../../cli/compose/cleanup.ts';
import { rounded, type Report } from '../report.ts';
import type { Services } from '../services.ts';
import type { Delays, States } from './kait-under-load.ts';
import { connections, isIdle, measureTemporal, startLoadedSystem, until, type LoadedSystem } from './loaded-system.ts';
import { offerLoad } from './offer-load.ts';
import type { DatabaseName } from './overload-report.ts';
import { poisonReport, type Poisoned, type PoisonRound } from './poison-report.ts';

const databases: DatabaseName[] = ['PostgreSQL', 'PGlite'];
/** Share of what Temporal ends. Beyond that, events wait for Temporal and not for poison. */
const shareOfTemporal = 0.6;
/** 5 %. */
const poisonEvery = 20;
const longestReferenceSeconds = 60;

interface Options {
  poisonSeconds: number;
  report: (line: string) => void;
}

/**
 * Sends `kait up` a steady load, first without poison, then with 5 % of events that are too large for Temporal. What becomes of the others?
 */
export async function measurePoison(services: Services, options: Options): Promise<Report> {
  const measured: Poisoned[] = [];
  for (const database of databases) measured.push(await measureWith(database, services, options));
  return poisonReport(measured);
}

async function measureWith(database: DatabaseName, services: Services, options: Options): Promise<Poisoned> {
  const cleanup = createCleanup();
  const report = (line: string) => options.report(`${database}: ${line}`);
  try {
    const environment = { KAIT_BODY_LIMIT: '16MiB' };
    const system = await startLoadedSystem({ part: 'poison', database, environment }, services, cleanup);
    const { endsPerSecond } = await measureTemporal(system);
    const perSecond = endsPerSecond * shareOfTemporal;
    report(`Temporal ends ${rounded(endsPerSecond)} runs/s; ${rounded(perSecond)} webhooks/s follow`);
    const seconds = options.poisonSeconds;
    const reference = { perSecond, seconds: Math.min(seconds, longestReferenceSeconds), name: 'clean' };
    const without = await measureRound(system, reference);
    report(`without poison, events wait ${rounded(without.delays.mostMs)} ms at most`);
    const withPoison = await measureRound(system, { perSecond, seconds, name: 'poison', poisonEvery });
    report(`with 5 % poison, the others wait ${rounded(withPoison.delays.mostMs)} ms at most`);
    return { database, perSecond, rounds: [without, withPoison] };
  } finally {
    await cleanup.run();
  }
}

async function measureRound(
  { mark, kait, sender }: LoadedSystem,
  { name, ...load }: { perSecond: number; seconds: number; name: string; poisonEvery?: number },
): Promise<PoisonRound> {
  const prefix = `${mark}_${name}`;
  const offered = await offerLoad(kait, sender, { ...load, connections, prefix });
  await until(kait, isIdle);
  const delays = (await kait.ask({ about: 'delaysOf', prefix: `pi_${prefix}_` })) as Delays;
  const states = (await kait.ask({ about: 'statesOf', prefix: `pi_${prefix}_` })) as States;
  return { seconds: load.seconds, offered, delays, states };
}
