/** Something that runs until it is stopped or fails. */
export interface Stoppable {
  /** Resolves when there is nothing left to run for; rejects when it cannot go on. Default: neither. */
  finished?: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts something and keeps it running until SIGINT, SIGTERM or its own end, then stops it cleanly. A second signal ends the process at
 * once. Rejects where the start fails, or what was started does. `start` gets a signal that aborts with the first.
 */
export async function untilStopped(start: (signal: AbortSignal) => Promise<Stoppable>): Promise<void> {
  const asked = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (asked.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    asked.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const running = await start(asked.signal);
    const end = new Promise<void>((resolve) => {
      if (asked.signal.aborted) resolve();
      asked.signal.addEventListener('abort', () => {
        resolve();
      });
    });
    try {
      await Promise.race([end, running.finished ?? end]);
    } finally {
      await running.stop();
    }
  } catch (error) {
    if (!asked.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}
