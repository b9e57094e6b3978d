import type { ChildProgram } from '../child-program.ts';
import { cpuSecondsOf, machineCpuSeconds, mainThreadWaitSeconds, memoryMbOf } from '../process-cost.ts';
import { quantile } from '../rounds.ts';
import { compareWithInbox, isAccepted, type Differences } from './compare-with-inbox.ts';
import type { Delays, Progress, Question, States, StoredEvent } from './kait-under-load.ts';
import type { PacedLoad, PacedResult } from './paced-sender.ts';

export type KaitUnderLoad = ChildProgram<{ url: string }, Question, Progress | StoredEvent[] | Delays | States>;
export type PacedSender = ChildProgram<null, PacedLoad, PacedResult>;

/** What became of webhooks sent at a fixed pace. */
export interface Offered extends Differences {
  perSecond: number;
  webhooks: number;
  accepted: number;
  /** Answered 503, after which gateways send them again. */
  rejected: number;
  /** Unanswered, or answered in any other way. */
  failed: number;
  /** Latency of the acknowledgements. */
  p50Ms: number;
  p99Ms: number;
  mostMs: number;
  /** The sender's own delay, which is part of the latencies. */
  senderDelayP99Ms: number;
  /** Cores that were busy with other processes than the benchmark's. */
  otherJobsCores: number;
  /** Share of the time in which Kait's main thread had work and no core to run on. */
  waitsForCoreShare: number;
  memoryMb: { before: number; peak: number; after: number };
  runsPerSecond: number;
  pendingAfter: number;
  /** Poison that was accepted. */
  poison: number;
}

const memoryEveryMs = 100;

/** Sends the load, then compares the answers with the inbox. Does not wait for the runs. */
export async function offerLoad(
  kait: KaitUnderLoad,
  sender: PacedSender,
  load: Omit<PacedLoad, 'url'>,
): Promise<Offered> {
  const before = await progressOf(kait);
  const memory = watchMemory(kait.pid);
  const machine = watchMachine(kait.pid);
  const result = await sender.ask({ ...load, url: kait.ready.url });
  const { otherJobsCores, waitsForCoreShare } = machine.stop();
  const after = await progressOf(kait);
  const memoryMb = memory.stop();
  return {
    ...answersOf(result),
    ...compareWithInbox(result, await eventsOf(kait, load.prefix)),
    perSecond: load.perSecond,
    otherJobsCores,
    waitsForCoreShare,
    memoryMb,
    runsPerSecond: ((after.runs - before.runs) / result.elapsedMs) * 1_000,
    pendingAfter: after.pending,
    poison: result.poisonStatuses.filter(isAccepted).length,
  };
}

export async function progressOf(kait: KaitUnderLoad): Promise<Progress> {
  return (await kait.ask({ about: 'progress' })) as Progress; // The type that answers this question.
}

async function eventsOf(kait: KaitUnderLoad, prefix: string): Promise<StoredEvent[]> {
  return (await kait.ask({ about: 'eventsOf', prefix: `pi_${prefix}_` })) as StoredEvent[];
}

function answersOf({ statuses, latenciesMs, delaysMs }: PacedResult) {
  const accepted = latenciesMs.filter((_, index) => isAccepted(statuses[index] ?? 0));
  const rejected = statuses.filter((status) => status === 503).length;
  return {
    webhooks: statuses.length,
    accepted: accepted.length,
    rejected,
    failed: statuses.length - accepted.length - rejected,
    p50Ms: quantile(accepted, 0.5),
    p99Ms: quantile(accepted, 0.99),
    mostMs: quantile(accepted, 1),
    senderDelayP99Ms: quantile(delaysMs, 0.99),
  };
}

/** Measures what else the machine is busy with. */
function watchMachine(pid: number): { stop(): Pick<Offered, 'otherJobsCores' | 'waitsForCoreShare'> } {
  const now = () => ({
    seconds: performance.now() / 1_000,
    otherCpuSeconds: machineCpuSeconds() - cpuSecondsOf(process.pid),
    waitSeconds: mainThreadWaitSeconds(pid),
  });
  const before = now();
  return {
    stop() {
      const after = now();
      const seconds = after.seconds - before.seconds;
      return {
        // Clock ticks of processes that have just ended can make it slightly negative.
        otherJobsCores: Math.max(0, (after.otherCpuSeconds - before.otherCpuSeconds) / seconds),
        waitsForCoreShare: (after.waitSeconds - before.waitSeconds) / seconds,
      };
    },
  };
}

function watchMemory(pid: number): { stop(): Offered['memoryMb'] } {
  const before = memoryMbOf(pid);
  let peak = before;
  const note = () => {
    peak = Math.max(peak, memoryMbOf(pid));
  };
  const timer = setInterval(note, memoryEveryMs);
  return {
    stop() {
      clearInterval(timer);
      note();
      return { before, peak, after: memoryMbOf(pid) };
    },
  };
}
