import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childEnvironment } from './child-environment.ts';

/** How much of the end of a log error messages quote. */
const tailBytes = 4_096;

export interface ChildOptions {
  command: string;
  args: string[];
  /** An open file for the child's standard output and standard error. */
  outputFd: number;
  cwd?: string;
  /** Where the child's variables come from. It gets only those that a server needs. Default: none. */
  environment?: NodeJS.ProcessEnv;
  /** Runs the child as another user, which only root may do. */
  user?: { uid: number; gid: number };
  /** The signal that asks the child to end. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** How long {@link ManagedChild.stop} waits before it sends SIGKILL. Default 10 s. */
  stopLimitMs?: number;
}

export interface ChildExit {
  /** Null if a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ManagedChild {
  pid: number;
  /** Resolves when the child has ended. Never rejects. */
  exited: Promise<ChildExit>;
  /** Asks the child to end, and kills it after the limit. Resolves when it has ended. Idempotent. */
  stop(): Promise<ChildExit>;
}

/**
 * Starts a program that ends no later than this process. The child has its own process group, so that Ctrl-C in a terminal reaches
 * only this process, which then stops its parts in the right order. If this process ends without `stop()`, even by an uncaught
 * error, the child still gets the signal. Only `kill -9` and unhandled signals leave it behind. Rejects with the system's error if
 * the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<ManagedChild> {
  const { command, args, outputFd, cwd, environment = {}, user } = options;
  const { stopSignal = 'SIGTERM', stopLimitMs = 10_000 } = options;
  const child = spawn(command, args, {
    detached: true,
    env: childEnvironment(environment, 'run'),
    stdio: ['ignore', outputFd, outputFd],
    ...(cwd === undefined ? {} : { cwd }),
    ...user,
  });
  const endWithParent = (): void => void child.kill(stopSignal);
  process.once('exit', endWithParent);
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => {
      process.off('exit', endWithParent);
      resolve({ code, signal });
    });
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    process.off('exit', endWithParent);
    throw error;
  }
  if (child.pid === undefined) throw new Error(`${command} started without a pid`);
  return { pid: child.pid, exited, stop: () => stopChild(child, exited, stopSignal, stopLimitMs) };
}

async function stopChild(
  child: { kill(signal: NodeJS.Signals): boolean },
  exited: Promise<ChildExit>,
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<ChildExit> {
  child.kill(signal); // Does nothing once the child has ended.
  const insist = setTimeout(() => child.kill('SIGKILL'), limitMs);
  try {
    return await exited;
  } finally {
    clearTimeout(insist);
  }
}

/**
 * Opens a log file for appending. A file larger than `limitBytes` (default 10 MiB) is first renamed to `<file>.1`, which replaces an
 * older one. The size is limited only when the file is opened, not while a process writes to it.
 */
export async function openBoundedLog(file: string, limitBytes = 10 * 1024 * 1024): Promise<FileHandle> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > limitBytes) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

/** Reads the last lines that were written after `offset`. */
export async function readLogTail(file: string, offset: number, lines = 15): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(offset, size - tailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    await handle.close();
  }
}
