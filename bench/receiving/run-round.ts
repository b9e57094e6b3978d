import { setTimeout as pause } from 'node:timers/promises';
import { cpuSecondsOf } from '../process-cost.ts';
import type { LoadResult } from './send-all.ts';

/** Something that takes webhooks. */
export interface Receiver {
  name: string;
  url: string;
  /** Processes whose CPU time its webhooks cost. */
  pids: { server: number; database: number | null };
  /** Null where it stores nothing. */
  counts: (() => Promise<{ stored: number; waiting: number }>) | null;
}

/** One burst of webhooks at one receiver, and what it cost. */
export interface Burst extends LoadResult {
  perSecond: number;
  /** Until the dispatcher had seen every event, counted from the last acknowledgement. */
  drainMs: number;
  serverCpuSeconds: number;
  databaseCpuSeconds: number;
}

/** `send` sends `requests` webhooks. Rejects where one of them is not accepted, or not stored exactly once. */
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

/** What a round leaves to the dispatcher belongs to that round, not to the next one. */
async function drain({ counts }: Receiver): Promise<number> {
  const startedAt = performance.now();
  while (counts !== null && (await counts()).waiting > 0) await pause(100);
  return performance.now() - startedAt;
}
