import { join } from 'node:path';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { cpuSecondsOf, peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report } from '../report.ts';
import { rotated, median } from '../rounds.ts';
import type { Services } from '../services.ts';
import type { RunsAnswer, RunsQuestion, RunWorkerSettings } from './run-worker.ts';

const inFlight = 32;
const warmUpRuns = 64;
/** Short rounds, so that the load that other jobs put on the machine is much the same for neighbours. */
const runsPerRound = 96;
const roundsPerRepeat = 2;

const subjects = [
  { name: 'Kait', workflow: 'interpreter' },
  { name: 'hand-written, local activities', workflow: 'fulfilWithLocalActivities' },
  { name: 'hand-written, all ordinary', workflow: 'fulfilWithOrdinaryActivities' },
] as const satisfies { name: string; workflow: RunWorkerSettings['workflow'] }[];

type SubjectName = (typeof subjects)[number]['name'];

interface Subject {
  name: SubjectName;
  worker: ChildProgram<null, RunsQuestion, RunsAnswer>;
}

interface Round {
  name: SubjectName;
  perSecond: number;
  cpuMsPerRun: { worker: number; temporal: number; database: number; all: number };
}

/** Completed runs a second of payment-succeeded.json, against the same workflow written by hand. Rounds take turns. */
export async function measureRunning(
  services: Services,
  options: { repeats: number; report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const started: Subject[] = [];
    for (const { name, workflow } of subjects) {
      const worker = await startRunWorker(services, workflow);
      cleanup.add(() => worker.stop());
      started.push({ name, worker });
    }
    const rounds = await runRounds(started, services, options);
    return reportOf(rounds, started);
  } finally {
    await cleanup.run();
  }
}

async function startRunWorker(
  { folder, postgres, temporal }: Services,
  workflow: RunWorkerSettings['workflow'],
): Promise<Subject['worker']> {
  const databaseUrl = await postgres.createDatabase(`bench_${workflow}`);
  const settings: RunWorkerSettings = {
    workflow,
    databaseUrl,
    temporalAddress: temporal.address,
    folder: join(folder, workflow),
  };
  const module = new URL('./run-worker.ts', import.meta.url);
  return startChildProgram({ module, settings, outputFile: join(folder, `${workflow}.log`) });
}

async function runRounds(
  started: Subject[],
  services: Services,
  { repeats, report }: { repeats: number; report: (line: string) => void },
): Promise<Round[]> {
  for (const { name, worker } of started) {
    report(`Warming up: ${name}`);
    await worker.ask({ runs: warmUpRuns, inFlight, prefix: 'warm' });
  }
  const rounds: Round[] = [];
  for (let repeat = 0; repeat < repeats * roundsPerRepeat; repeat++) {
    for (const subject of rotated(started, repeat)) {
      const round = await runRound(subject, services, repeat);
      rounds.push(round);
      report(`${round.name}: ${rounded(round.perSecond)} runs/s`);
    }
  }
  return rounds;
}

async function runRound({ name, worker }: Subject, services: Services, repeat: number): Promise<Round> {
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
    name,
    perSecond: (runsPerRound / elapsedMs) * 1_000,
    cpuMsPerRun: { ...cpuMs, all: cpuMs.worker + cpuMs.temporal + cpuMs.database },
  };
}

function reportOf(rounds: Round[], started: Subject[]): Report {
  const of = (name: SubjectName) => rounds.filter((round) => round.name === name);
  const kait = of('Kait');
  const cpuRatio = (other: Round[]) => rounded(cpuPerRun(other) / cpuPerRun(kait));
  const ratio = (other: Round[]) =>
    median(kait.map(({ perSecond }, index) => perSecond / (other[index]?.perSecond ?? NaN)));
  const local = of('hand-written, local activities');
  const ordinary = of('hand-written, all ordinary');
  return {
    title: 'running: completed runs a second',
    notes: [
      `payment-succeeded.json: order, cashback, mail and outbound webhook (no endpoint), ${inFlight} runs in flight, PostgreSQL, eager start.`,
      'One embedded Temporal server for all, with the same activities, limits and worker options. "Local" is Kait’s own split: only the mail is ordinary.',
      `By CPU time, which other jobs on the machine disturb less, Kait reaches ${cpuRatio(local)} and ${cpuRatio(ordinary)} times the rate of the two.`,
      'A client awaits each run; its long poll costs every side the same. Medians over the rounds.',
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
    rows: started.map(({ name, worker }) => rowOf(of(name), worker.pid)),
    targets: [
      { what: 'Kait, of hand-written with local activities', measured: ratio(local), unit: '', atLeast: 0.95 },
      { what: 'Kait, of hand-written all ordinary', measured: ratio(ordinary), unit: '', atLeast: 1.4 },
    ],
  };
}

function cpuPerRun(rounds: Round[]): number {
  return median(rounds.map(({ cpuMsPerRun }) => cpuMsPerRun.all));
}

function rowOf(rounds: Round[], workerPid: number): (string | number)[] {
  const each = (of: (round: Round) => number) => rounded(median(rounds.map(of)));
  return [
    rounds[0]?.name ?? '',
    rounds.length * runsPerRound,
    each(({ perSecond }) => perSecond),
    each(({ cpuMsPerRun }) => cpuMsPerRun.worker),
    each(({ cpuMsPerRun }) => cpuMsPerRun.temporal),
    each(({ cpuMsPerRun }) => cpuMsPerRun.database),
    rounded(peakMemoryMbOf(workerPid)),
  ];
}
