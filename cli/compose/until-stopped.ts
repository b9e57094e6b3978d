import { constants } from 'node:os';

/** Something that runs until it is stopped or fails. */
export interface Stoppable {
  /** Resolves when the work is done, and rejects if it fails. If absent, it runs until it is stopped. */
  finished?: Promise<void>;
  stop(): Promise<void>;
}

/** The part of `process` that signal handling needs. */
export interface SignalHost {
  on(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  off(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): unknown;
  exit(code: number): void;
}

/** Sent by Ctrl-C, by a service manager, and when the terminal is closed. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C can arrive twice: the terminal signals the whole process group, and npm forwards the signal as well if its shell has
 * replaced itself with Kait, as bash does. Only a signal after this time counts as a second one.
 */
const sameSignalMs = 500;

/**
 * Starts something, keeps it running until SIGINT, SIGTERM, SIGHUP or its own end, and stops it cleanly. A second signal ends the
 * process at once. Rejects if `start` or `finished` does. `start` gets an abort signal, which the first process signal aborts.
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
      host.exit(128 + constants.signals[name]); // The exit code that a shell reports.
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
