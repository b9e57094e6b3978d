import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The newest part that error messages quote. */
const tailBytes = 4_096;

export interface ChildOptions {
  command: string;
  args: string[];
  /** An open file that takes the child's output, both streams. */
  outputFd: number;
  cwd?: string;
  /** Runs the child as another user; only root may. */
  user?: { uid: number; gid: number };
  /** How the child is asked to end. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** How long {@link ManagedChild.stop} waits before it sends SIGKILL. Default 10 s. */
  stopLimitMs?: number;
}

export interface ChildExit {
  /** Null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ManagedChild {
  pid: number;
  /** Resolves when the child has ended, for whatever reason. Never rejects. */
  exited: Promise<ChildExit>;
  /** Asks the child to end, insists after the limit, and resolves when it is gone. May be called again. */
  stop(): Promise<ChildExit>;
}

/**
 * Starts a program that ends with this process at the latest. It leads a process group of its own, so that Ctrl-C in a
 * terminal reaches this process alone, which then ends its parts in the right order. Where this process ends without
 * `stop()`, the child is still signalled, also after an uncaught error; only `kill -9`, and a signal that nobody
 * handles, leave it behind. Rejects with the system's error where the program cannot be started.
 */
export async function startChild(options: ChildOptions): Promise<ManagedChild> {
  const { command, args, outputFd, cwd, user, stopSignal = 'SIGTERM', stopLimitMs = 10_000 } = options;
  const child = spawn(command, args, {
    detached: true,
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
 * Opens a log file to append to. A file that has grown over `limitBytes` (default 10 MiB) becomes `<file>.1` first, in
 * place of an older one. So a log is bounded between starts, not while one process runs.
 */
export async function openBoundedLog(file: string, limitBytes = 10 * 1024 * 1024): Promise<FileHandle> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size > limitBytes) await rename(file, `${file}.1`);
  return open(file, 'a', 0o600);
}

/** The last lines that were written after `offset`; empty where there are none. */
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
