/** Something that is done again and again until it is stopped. */
export interface Repetition {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

/** Does `act` after each pause of `intervalMs`, one round at a time. A round that fails is reported to `failed`, and does not end it. */
export function createRepetition(deps: {
  act: () => Promise<void>;
  intervalMs: number;
  failed: (error: unknown) => void;
}): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  let running = false;

  async function actAndRepeat(): Promise<void> {
    try {
      await deps.act();
    } catch (error) {
      deps.failed(error);
    }
    if (running) schedule();
  }

  function schedule(): void {
    timer = setTimeout(() => {
      round = actAndRepeat();
    }, deps.intervalMs);
  }

  return {
    start() {
      running = true;
      schedule();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await round;
    },
  };
}
