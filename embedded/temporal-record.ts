import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { identifyProcess, isRunning } from './process-identity.ts';
import type { TemporalPorts } from './temporal-arguments.ts';

const port = z.int().min(1).max(65_535);
const temporalRecord = z.object({ pid: z.int().positive(), startedAt: z.string(), grpc: port, ui: port });
/** What `temporal.json` in the data folder keeps of the last server: which process it was and where it listened. */
export type TemporalRecord = z.infer<typeof temporalRecord>;

/** Undefined on the first start, and where the file is damaged: it only saves the caller from looking for ports. */
export function readTemporalRecord(file: string): TemporalRecord | undefined {
  try {
    return temporalRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Synchronous, so that almost no time passes between the child's start and the note that would let us end it later. */
export function writeTemporalRecord(file: string, pid: number, ports: TemporalPorts): void {
  const startedAt = identifyProcess(pid)?.startedAt;
  if (startedAt === undefined) return; // It has ended already; its exit tells.
  writeFileSync(`${file}.new`, `${JSON.stringify({ pid, startedAt, grpc: ports.grpc, ui: ports.ui })}\n`, {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
}

/**
 * Ends the server of a Kait that was killed before it could do so itself: SQLite takes one writer. A stranger that has
 * the pid by now is left alone. The caller holds the data folder's lock, so the server serves nobody. Waits at most
 * `limitMs` before it insists with SIGKILL, and then as long again.
 */
export async function endLeftoverServer(record: TemporalRecord, limitMs = 10_000): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isRunning(record)) return;
    process.kill(record.pid, signal);
    if (await hasEnded(record, limitMs)) return;
  }
  throw new Error(`The Temporal server of an earlier run, process ${record.pid}, cannot be ended`);
}

async function hasEnded(record: TemporalRecord, limitMs: number): Promise<boolean> {
  const intervalMs = 50;
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += intervalMs) {
    if (!isRunning(record)) return true;
    await pause(intervalMs);
  }
  return !isRunning(record);
}
