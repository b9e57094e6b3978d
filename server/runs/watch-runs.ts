import { isOver } from './run-changes.ts';
import type { RunReading } from './read-run.ts';

export interface WatchRunsDeps {
  /** Never rejects. Gets the reading before, so that it need not ask the run if nothing has happened. */
  readRun: (workflowId: string, previous?: RunReading) => Promise<RunReading>;
  pause: (ms: number) => Promise<void>;
}

interface Watched {
  watchers: number;
  latest: RunReading | null;
  /** How often it was read. */
  version: number;
  waiting: Set<() => void>;
}

/** Between two readings: of a run to which something has happened lately, and of another one. */
const lively = 1_000;
const quiet = 3_000;
/** Readings without a change until a run counts as quiet. */
const quietAfter = 30;

/** Reads runs again and again for whoever watches them. All watchers of a run share its readings. */
export function createRunWatch({ readRun, pause }: WatchRunsDeps) {
  const runs = new Map<string, Watched>();

  async function follow(workflowId: string, run: Watched): Promise<void> {
    for (let unchanged = 0; run.watchers > 0;) {
      const previous = run.latest ?? undefined;
      const reading = await readRun(workflowId, previous);
      unchanged = reading.historyLength === previous?.historyLength ? unchanged + 1 : 0;
      run.latest = reading;
      run.version += 1;
      for (const wake of run.waiting) wake();
      run.waiting.clear();
      if (isOver(reading)) break;
      await pause(unchanged > quietAfter ? quiet : lively);
    }
    if (runs.get(workflowId) === run) runs.delete(workflowId);
  }

  function join(workflowId: string): Watched {
    const known = runs.get(workflowId);
    if (known !== undefined) {
      known.watchers += 1;
      return known;
    }
    const run: Watched = { watchers: 1, latest: null, version: 0, waiting: new Set() };
    runs.set(workflowId, run);
    void follow(workflowId, run);
    return run;
  }

  return {
    /** Readings of a run until it has ended or the signal is aborted. */
    async *watch(workflowId: string, signal: AbortSignal): AsyncGenerator<RunReading> {
      const run = join(workflowId);
      try {
        for (let seen = 0; !signal.aborted;) {
          if (run.version === seen) await untilRead(run, signal);
          if (run.latest === null || run.version === seen) continue;
          seen = run.version;
          yield run.latest;
          if (isOver(run.latest)) return;
        }
      } finally {
        run.watchers -= 1;
        if (run.watchers === 0 && runs.get(workflowId) === run) runs.delete(workflowId);
      }
    },
  };
}

function untilRead({ waiting }: Watched, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}
