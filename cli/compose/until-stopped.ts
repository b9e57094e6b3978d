import { constants } from 'node:os';

/** Something that runs until it is stopped or fails. */
export interface Stoppable {
  /** Resolves when there is nothing left to run for; rejects when it cannot go on. Default: neither. */
  finished?: Promise<void>;
  stop(): Promise<void>;
}

/** The part of `process` that signals need. */
export interface SignalHost {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** Ctrl-C, a service manager, and a terminal that was closed. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C can arrive twice: the terminal signals the whole process group, and npm passes the signal on once more where its
 * shell has put Kait in its own place, as bash does. So only what comes later than this is a second one.
 */
const sameSignalMs = 500;

/**
 * Starts something and keeps it running until SIGINT, SIGTERM, SIGHUP or its own end, then stops it cleanly. A second signal ends
 * the process at once. Rejects where the start fails, or what was started does. `start` gets a signal that aborts with the first.
 */
export async function untilStopped(
  start: (signal: AbortSignal) => Promise<Stoppable>,
  { host = process, now = () => performance.now() }: { host?: SignalHost; now?: () => number } = {},
): Promise<void> {
  const asked = new AbortController();
  let askedAtMs = 0;
  const onSignal = (name: NodeJS.Signals) => {
    if (!asked.signal.aborted) {
      askedAtMs = now();
      asked.abort(new Error(`stopped by ${name}`));
    } else if (now() - askedAtMs > sameSignalMs) {
      host.exit(128 + constants.signals[name]); // As a shell reports it.
    }
  };
  for (const name of endingSignals) host.on(name, onSignal);
  try {
    await runUntilAborted(start, asked.signal);
  } catch (error) {
    if (!asked.signal.aborted) throw error;
  } finally {
    for (const name of endingSignals) host.off(name, onSignal);
  }
}

async function runUntilAborted(start: (signal: AbortSignal) => Promise<Stoppable>, signal: AbortSignal): Promise<void> {
  const running = await start(signal);
  const end = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  try {
    await Promise.race([end, running.finished ?? end]);
  } finally {
    await running.stop();
  }
}
