import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { cpuSecondsOf } from '../process-cost.ts';
import { median } from '../rounds.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-payments.ts';
import type { LoadResult } from './send-all.ts';

/** A `kait server` in its own process, which tells how many events it has stored and how many of them wait. */
export type KaitServer = ChildProgram<{ url: string }, null, { stored: number; waiting: number }>;

/** `name` also names its folder. `environment` adds to the defaults here, for example DATABASE_URL. */
export async function startKaitServer(
  { folder, temporal }: Services,
  cleanup: Cleanup,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<KaitServer> {
  const home = join(folder, name);
  await mkdir(home);
  const kait: KaitServer = await startChildProgram({
    module: new URL('./kait-server.ts', import.meta.url),
    settings: null,
    outputFile: join(home, 'kait.log'),
    environment: {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      TEMPORAL_ADDRESS: temporal.address,
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      MIDTRANS_SERVER_KEY: 'unused',
      XENDIT_CALLBACK_TOKEN: 'unused',
      ...environment,
    },
  });
  cleanup.add(() => kait.stop());
  return kait;
}

/** A server that takes webhooks. */
export interface Receiver {
  name: string;
  url: string;
  /** Processes whose CPU time counts. */
  pids: { server: number; database: number | null };
  /** Null if it stores nothing. */
  counts: (() => Promise<{ stored: number; waiting: number }>) | null;
}

/** One burst of webhooks at one receiver, and what it cost. */
export interface Burst extends LoadResult {
  perSecond: number;
  /** From the last acknowledgement until the dispatcher had seen every event. */
  drainMs: number;
  serverCpuSeconds: number;
  databaseCpuSeconds: number;
}

/** `send` sends `requests` webhooks. Rejects if any of them is not accepted, or not stored exactly once. */
export async function runRound(receiver: Receiver, requests: number, send: () => Promise<LoadResult>): Promise<Burst> {
  const { name, pids } = receiver;
  const before = await receiver.counts?.();
  const cpuBefore = costOf(pids);
  const result = await send();
  const drainMs = await drain(receiver);
  const cpuAfter = costOf(pids);
  const after = await receiver.counts?.();
  if (result.failed > 0) throw new Error(`${name}: ${result.failed} of ${requests} webhooks were not accepted`);
  if (before !== undefined && after !== undefined && after.stored - before.stored !== requests) {
    throw new Error(`${name}: ${requests} webhooks were accepted and ${after.stored - before.stored} are stored`);
  }
  return {
    ...result,
    perSecond: (result.accepted / result.elapsedMs) * 1_000,
    drainMs,
    serverCpuSeconds: cpuAfter.server - cpuBefore.server,
    databaseCpuSeconds: cpuAfter.database - cpuBefore.database,
  };
}

function costOf({ server, database }: Receiver['pids']): { server: number; database: number } {
  return { server: cpuSecondsOf(server), database: database === null ? 0 : cpuSecondsOf(database) };
}

/** A round ends when the dispatcher is done, so that its backlog does not slow the next one. */
async function drain({ counts }: Receiver): Promise<number> {
  const startedAt = performance.now();
  while (counts !== null && (await counts()).waiting > 0) await pause(100);
  return performance.now() - startedAt;
}

/** Median CPU time of one webhook in ms, of all processes. */
export function cpuMsOf(bursts: readonly Burst[]): number {
  return median(bursts.map((burst) => (burst.serverCpuSeconds + burst.databaseCpuSeconds) / burst.accepted)) * 1_000;
}

/** Median ratio of two receivers' rates, each burst against the other's of the same turn. */
export function rateRatio(bursts: readonly Burst[], others: readonly Burst[]): number {
  return median(bursts.map(({ perSecond }, turn) => perSecond / (others[turn]?.perSecond ?? NaN)));
}
