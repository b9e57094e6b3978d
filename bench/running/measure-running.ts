import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { packagePath } from '../../package-path.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { copyCheckout } from '../other-checkout.ts';
import { cpuSecondsOf, peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report, type Target } from '../report.ts';
import { meanWithError, rotated, median } from '../rounds.ts';
import type { Services } from '../services.ts';
import type { RunsAnswer, RunsQuestion, RunWorkerSettings } from './run-worker.ts';
import { startAnswering } from './three-requests.ts';

const inFlight = 32;
const warmUpRuns = 64;
/** Short rounds, so that the load that other jobs put on the machine is much the same for neighbours. */
const runsPerRound = 96;
const roundsPerRepeat = 2;

interface Options {
  repeats: number;
  /** A checkout of another version, which is then measured instead of the hand-written workflows. */
  against?: string | undefined;
  report: (line: string) => void;
}

interface Contender {
  name: string;
  workflow: RunWorkerSettings['workflow'];
  /** The folder of the version. */
  checkout: string;
}

/** Contenders that take turns, with Kait first. */
interface Race {
  what: string;
  contenders: Contender[];
  /** What Kait must reach of the rate of each of the others. */
  targets: Record<string, number>;
}

interface Runner extends Contender {
  worker: ChildProgram<null, RunsQuestion, RunsAnswer>;
  rounds: Round[];
}

interface Round {
  perSecond: number;
  cpuMsPerRun: { worker: number; temporal: number; database: number; all: number };
}

/** Completed runs a second, and what they cost, against the same workflows written by hand or against another version. Rounds take turns. */
export async function measureRunning(services: Services, options: Options): Promise<Report[]> {
  const { against } = options;
  const other = against === undefined ? null : await copyCheckout(against, join(services.folder, 'other-running'));
  const reports: Report[] = [];
  for (const race of other === null ? againstByHand() : againstOther(other)) {
    reports.push(await measureRace(race, services, options));
  }
  return reports;
}

const payment = 'payment-succeeded.json: order, cashback, mail and outbound webhook (no endpoint)';
const requests = 'three HTTP requests in a row';

function againstByHand(): Race[] {
  const by = (name: string, workflow: RunWorkerSettings['workflow']) => ({ name, workflow, checkout: packagePath() });
  const local = 'hand-written, local activities';
  const ordinary = 'hand-written, all ordinary';
  return [
    {
      what: payment,
      contenders: [
        by('Kait', 'payment-succeeded'),
        by(local, 'fulfilWithLocalActivities'),
        by(ordinary, 'fulfilWithOrdinaryActivities'),
      ],
      targets: { [local]: 1, [ordinary]: 1.4 },
    },
    {
      what: requests,
      contenders: [by('Kait', 'three-requests'), by(ordinary, 'threeRequestsByHand')],
      targets: { [ordinary]: 0.95 },
    },
  ];
}

function againstOther(other: string): Race[] {
  const race = (what: string, workflow: RunWorkerSettings['workflow']): Race => ({
    what,
    contenders: [
      { name: 'Kait', workflow, checkout: packagePath() },
      { name: 'Kait, the other version', workflow, checkout: other },
    ],
    targets: {},
  });
  return [race(requests, 'three-requests'), race(payment, 'payment-succeeded')];
}

async function measureRace(race: Race, services: Services, options: Options): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const service = await startAnswering();
    cleanup.add(service.stop);
    const runners: Runner[] = [];
    for (const [index, contender] of race.contenders.entries()) {
      const mark = `${race.contenders.length}${index}_${contender.workflow.replaceAll('-', '_')}`;
      const worker = await startRunWorker({ ...contender, mark, serviceUrl: service.url }, services, cleanup);
      runners.push({ ...contender, worker, rounds: [] });
    }
    await runRounds(runners, services, options);
    return reportOf(race, runners);
  } finally {
    await cleanup.run();
  }
}

async function startRunWorker(
  { workflow, checkout, mark, serviceUrl }: Contender & { mark: string; serviceUrl: string },
  { folder, postgres, temporal }: Services,
  cleanup: Cleanup,
): Promise<Runner['worker']> {
  const settings: RunWorkerSettings = {
    workflow,
    mark,
    serviceUrl,
    databaseUrl: await postgres.createDatabase(`bench_${mark}`.toLowerCase()),
    temporalAddress: temporal.address,
    folder: join(folder, mark),
  };
  const module = pathToFileURL(join(checkout, 'bench', 'running', 'run-worker.ts'));
  const worker: Runner['worker'] = await startChildProgram({
    module,
    settings,
    outputFile: join(folder, `${mark}.log`),
  });
  cleanup.add(() => worker.stop());
  return worker;
}

async function runRounds(runners: Runner[], services: Services, { repeats, report }: Options): Promise<void> {
  for (const { name, workflow, worker } of runners) {
    report(`Warming up: ${workflow}, ${name}`);
    await worker.ask({ runs: warmUpRuns, inFlight, prefix: 'warm' });
  }
  for (let repeat = 0; repeat < repeats * roundsPerRepeat; repeat++) {
    for (const runner of rotated(runners, repeat)) {
      const round = await runRound(runner, services, repeat);
      runner.rounds.push(round);
      const { perSecond, cpuMsPerRun } = round;
      report(`${runner.name}: ${rounded(perSecond)} runs/s, ${rounded(cpuMsPerRun.worker)} ms of CPU for each`);
    }
  }
}

async function runRound({ worker }: Runner, services: Services, repeat: number): Promise<Round> {
  const cpu = () => ({
    worker: cpuSecondsOf(worker.pid),
    temporal: cpuSecondsOf(services.temporal.pid),
    database: cpuSecondsOf(services.postgres.pid),
  });
  const before = cpu();
  const { elapsedMs } = await worker.ask({ runs: runsPerRound, inFlight, prefix: `round${repeat}` });
  const after = cpu();
  const perRun = (of: keyof typeof before) => ((after[of] - before[of]) / runsPerRound) * 1_000;
  const cpuMs = { worker: perRun('worker'), temporal: perRun('temporal'), database: perRun('database') };
  return {
    perSecond: (runsPerRound / elapsedMs) * 1_000,
    cpuMsPerRun: { ...cpuMs, all: cpuMs.worker + cpuMs.temporal + cpuMs.database },
  };
}

function reportOf({ what, targets }: Race, runners: Runner[]): Report {
  const [kait, ...others] = runners;
  if (kait === undefined) throw new Error('Nothing was measured');
  const ratios = (other: Runner, of: (round: Round) => number) =>
    kait.rounds.flatMap((round, index) => {
      const against = other.rounds[index];
      return against === undefined ? [] : [of(round) / of(against)];
    });
  const rate = ({ perSecond }: Round) => perSecond;
  return {
    title: `running: completed runs a second, ${what}`,
    notes: [
      `${inFlight} runs in flight, PostgreSQL, eager start. One embedded Temporal server for all, with the same activities, limits and worker options.`,
      '"Local" is Kait’s own split: only the mail is ordinary. A client awaits each run; its long poll costs every side the same.',
      'Medians over the rounds. Ratios are the means over the rounds, with two standard errors.',
      ...others.map((other) => {
        const of = (figure: (round: Round) => number) => meanWithError(ratios(other, figure));
        const worker = of(({ cpuMsPerRun }) => cpuMsPerRun.worker);
        const all = of(({ cpuMsPerRun }) => cpuMsPerRun.all);
        return `Kait, of ${other.name}: rate ${of(rate)}, worker CPU ${worker}, all CPU ${all}.`;
      }),
    ],
    headings: [
      'workflow',
      'runs',
      'per second',
      'CPU ms per run: worker',
      'Temporal',
      'PostgreSQL',
      'worker’s peak MB',
    ],
    rows: runners.map(rowOf),
    targets: others.flatMap((other): Target[] => {
      const atLeast = targets[other.name];
      if (atLeast === undefined) return [];
      return [{ what: `Kait, of ${other.name}`, measured: median(ratios(other, rate)), unit: '', atLeast }];
    }),
  };
}

function rowOf({ name, rounds, worker }: Runner): (string | number)[] {
  const each = (of: (round: Round) => number) => rounded(median(rounds.map(of)));
  return [
    name,
    rounds.length * runsPerRound,
    each(({ perSecond }) => perSecond),
    each(({ cpuMsPerRun }) => cpuMsPerRun.worker),
    each(({ cpuMsPerRun }) => cpuMsPerRun.temporal),
    each(({ cpuMsPerRun }) => cpuMsPerRun.database),
    rounded(peakMemoryMbOf(worker.pid)),
  ];
}
