import type { Effects } from './effects.ts';

/** Units of an expression's budget: about 50 ms on an idle machine, and more on others. */
const mostPerTask = 100_000;

/** What a step takes beside its expressions. */
const stepUnits = 400;

/**
 * The work of a run since its host's task began. A sender chooses how long the lists are that a run goes through. The host ends a task
 * that computes for seconds, begins it again, and gets no further.
 */
export interface Workload {
  add: (units: number) => void;
  /** Before each step: undefined if the task has time for it. Otherwise the caller awaits the promise, and asks again. */
  rest: () => Promise<void> | undefined;
}

export function createWorkload({ nextTask }: Pick<Effects, 'nextTask'>): Workload {
  let units = 0;
  let resting: Promise<void> | undefined;
  return {
    add(more) {
      units += more;
    },
    rest() {
      units += stepUnits;
      if (units <= mostPerTask) return undefined;
      resting ??= nextTask().then(() => {
        units = 0;
        resting = undefined;
      });
      return resting;
    },
  };
}
