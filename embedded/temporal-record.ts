import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { identifyProcess, isRunning } from './process-identity.ts';

const port = z.int().min(1).max(65_535);
const temporalRecord = z.object({
  pid: z.int().positive(),
  startedAt: z.string(),
  port,
  namespace: z.string().min(1).optional(),
});
/** The content of `temporal.json` in the data folder: the last server's process, its port for gRPC, and Kait's namespace there. */
export type TemporalRecord = z.infer<typeof temporalRecord>;

/** Reads the record. Undefined on the first start, or if the file is damaged. */
export function readTemporalRecord(file: string): TemporalRecord | undefined {
  try {
    return temporalRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Synchronous, so that the record exists almost as soon as the server: without it, a later Kait could not end a leftover server. */
export function writeTemporalRecord(file: string, server: { pid: number; port: number; namespace: string }): void {
  const { pid, ...where } = server;
  const startedAt = identifyProcess(pid)?.startedAt;
  if (startedAt === undefined) return; // It has already ended, which `exited` reports.
  writeFileSync(`${file}.new`, `${JSON.stringify({ pid, startedAt, ...where })}\n`, {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
}

/**
 * Ends the server that a killed Kait left behind, because SQLite allows only one writer. The caller holds the data folder's lock, so
 * nobody uses the server. Does nothing if another process has the pid now. Waits up to `limitMs` before it sends SIGKILL, and then
 * as long again.
 */
export async function endLeftoverServer(record: TemporalRecord, limitMs = 10_000): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isRunning(record)) return;
    process.kill(record.pid, signal);
    if (await hasEnded(record, limitMs)) return;
  }
  throw new Error(`The Temporal server of an earlier run, process ${record.pid}, does not end`);
}

async function hasEnded(record: TemporalRecord, limitMs: number): Promise<boolean> {
  const intervalMs = 50;
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += intervalMs) {
    if (!isRunning(record)) return true;
    await pause(intervalMs);
  }
  return !isRunning(record);
}
