import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { KaitError } from '../errors.ts';
import { identifyProcess, isRunning } from './process-identity.ts';

/** The content of `<folder>/kait.lock.<number>`: which process holds the folder. */
const lockRecord = z.object({
  pid: z.int().positive(),
  /** See {@link ProcessIdentity}. */
  startedAt: z.string(),
  host: z.string(),
  /** Whether the holder has released the folder. */
  released: z.boolean(),
});
type LockRecord = z.infer<typeof lockRecord>;

interface Lock {
  number: number;
  /** Undefined if the file is damaged, as after a power cut. Its holder is gone then as well. */
  record: LockRecord | undefined;
}

/**
 * Creates the folder, accessible to its owner only, and makes this process its only user until `release()`. Two processes on one
 * PGlite or SQLite folder destroy it, and PGlite does not guard against that. A lock whose process has ended, even by a crash, is
 * taken over at once. If several processes start at the same instant, exactly one gets the folder.
 *
 * Locks are numbered, and the highest number counts. A lock file is created exclusively, and the highest one is never deleted.
 * Otherwise two processes could each delete a dead holder's lock and each believe that the folder is free.
 *
 * @throws KaitError KAIT_DATA_FOLDER_IN_USE while another process holds the folder. A process on another host counts as running,
 * because it cannot be checked.
 */
export async function lockDataFolder(folder: string): Promise<{ release(): Promise<void> }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = ownRecord();
  for (;;) {
    const newest = await newestLock(folder);
    if (newest.record !== undefined && isHeld(newest.record)) throw folderInUse(folder, newest.number, newest.record);
    const number = newest.number + 1;
    if (!(await createLock(folder, number, own))) continue;
    // A listing taken while another process removed old locks can have missed the newest one, so look again.
    if ((await newestLock(folder)).number !== number) {
      await rm(lockFile(folder, number), { force: true });
      continue;
    }
    await removeOlderLocks(folder, number);
    return { release: () => replaceFile(lockFile(folder, number), { ...own, released: true }) };
  }
}

function ownRecord(): LockRecord {
  const identity = identifyProcess(process.pid);
  if (identity === undefined) throw new Error(`The system does not report when process ${process.pid} started`);
  return { ...identity, host: hostname(), released: false };
}

/** The lock that counts. Its number is 0 if the folder was never locked. */
async function newestLock(folder: string): Promise<Lock> {
  for (;;) {
    const number = Math.max(0, ...(await lockNumbers(folder)));
    if (number === 0) return { number, record: undefined };
    const text = await readFile(lockFile(folder, number), 'utf8').catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return undefined; // A higher one has just replaced it.
      throw error;
    });
    if (text !== undefined) return { number, record: parseRecord(text) };
  }
}

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => {
    const digits = /^kait\.lock\.(\d{1,15})$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

function lockFile(folder: string, number: number): string {
  return join(folder, `kait.lock.${number}`);
}

function parseRecord(text: string): LockRecord | undefined {
  try {
    return lockRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isHeld(record: LockRecord): boolean {
  if (record.released) return false;
  return record.host !== hostname() || isRunning(record);
}

/** Resolves to false if another process was first. A link appears with its whole content, so nobody reads half a record. */
async function createLock(folder: string, number: number, record: LockRecord): Promise<boolean> {
  const draft = await writeDraft(lockFile(folder, number), record);
  try {
    await link(draft, lockFile(folder, number));
    return true;
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replaceFile(file: string, record: LockRecord): Promise<void> {
  await rename(await writeDraft(file, record), file);
}

async function writeDraft(file: string, record: LockRecord): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  return draft;
}

async function removeOlderLocks(folder: string, number: number): Promise<void> {
  const older = (await lockNumbers(folder)).filter((other) => other < number);
  await Promise.all(older.map((other) => rm(lockFile(folder, other), { force: true })));
}

function folderInUse(folder: string, number: number, record: LockRecord): KaitError {
  const here = record.host === hostname();
  const advice = here
    ? 'Stop that process, or give this one a folder of its own with KAIT_HOME.'
    : `Stop it there. If that host is gone for good, delete ${lockFile(folder, number)}.`;
  const holder = here ? `process ${record.pid}` : `process ${record.pid} on host ${record.host}`;
  return new KaitError('KAIT_DATA_FOLDER_IN_USE', `The data folder ${folder} is in use by ${holder}. ${advice}`);
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
