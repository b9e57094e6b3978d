/*
 * How much a run asks of Temporal at a time. A task that answers with more than Temporal takes fails forever, or ends the run without
 * a word to it, so that nothing is undone.
 */

/** Bytes of what one workflow task asks for. Temporal takes an answer of 4 MiB, with all that belongs to it. */
const mostPerTask = 3_000_000;

/** Bytes of a command's own words: ids, limits, summary, search attributes. */
export const commandBytes = 2_000;

/** Room for what is asked for within one workflow task. */
export interface TaskRoom {
  /** Takes room. Undefined: there is enough. Otherwise there is once the promise has resolved, in a later task. */
  take(bytes: number): Promise<void> | undefined;
  /** Gives back what was taken in this task and is not needed. */
  giveBack(bytes: number): void;
}

/**
 * `nextTask` resolves in a later workflow task, whatever is canceled. Counting does not begin anew with each task, since a replay may
 * merge tasks, but only where `nextTask` has certainly ended one.
 */
export function createTaskRoom(nextTask: () => Promise<void>): TaskRoom {
  let used = 0;
  let turning: Promise<void> | undefined;

  function take(bytes: number): Promise<void> | undefined {
    if (turning === undefined && (used === 0 || used + bytes <= mostPerTask)) {
      used += bytes;
      return undefined;
    }
    turning ??= nextTask().then(() => {
      used = 0;
      turning = undefined;
    });
    return turning.then(() => take(bytes));
  }

  return {
    take,
    giveBack(bytes) {
      used = Math.max(0, used - bytes);
    },
  };
}

/** Work of one kind that is under way at once, at most `most`. The others wait in line. */
export interface Slots {
  /** Undefined: the caller may begin. Otherwise it may once the promise has resolved. */
  enter: () => Promise<void> | undefined;
  leave: () => void;
}

export function createSlots(most: number): Slots {
  let taken = 0;
  const line: (() => void)[] = [];
  return {
    enter() {
      if (taken < most) {
        taken += 1;
        return undefined;
      }
      return new Promise((resolve) => line.push(resolve));
    },
    leave() {
      const next = line.shift();
      if (next === undefined) taken -= 1;
      else next();
    },
  };
}
