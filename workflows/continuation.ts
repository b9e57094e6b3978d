import type { Effects } from './effects.ts';

/**
 * Decides when a long run continues as new. A run consists of flows: one for its own list of steps, and one for each branch or
 * item that runs concurrently. It can be carried over once every flow has stopped at a point that the state describes: between
 * steps, between items, or in a wait, which ends at an instant. Effects under way are awaited first.
 */
export interface Continuation {
  /** Undefined: go on. Otherwise the flow must await the promise, which rejects if the flow is canceled or the run cannot be carried. */
  halt(): Promise<never> | undefined;
  /** Runs a wait that may be abandoned, since its cursor says how long is left. */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Splits the calling flow into `count` flows, at least one. Each calls the returned function when it ends. */
  fork(count: number): () => void;
  /** Runs work that must finish in this run: the next one would not know of the cancellation that caused it. */
  unbroken<Value>(work: () => Promise<Value>): Promise<Value>;
}

/**
 * `carryOver` is called when every flow has stopped. If it returns an error, the run is not carried over: the halted flows
 * throw that error, so the run fails like any other, and it does not halt again.
 */
export function createContinuation(effects: Effects, carryOver: () => Error | undefined): Continuation {
  let halting = false;
  let refusal: Error | undefined;
  let flows = 1;
  /** Flows within `unbroken`. */
  let unbroken = 0;

  function stop(): void {
    flows -= 1;
    if (!halting || flows > 0) return;
    refusal = carryOver();
    if (refusal !== undefined) halting = false;
  }

  async function halted(): Promise<never> {
    stop();
    try {
      await effects.waitUntil(() => refusal !== undefined, null, '');
    } catch (error) {
      halting = false; // The canceled flow has to end first. The next flow that asks halts again.
      flows += 1;
      throw error;
    }
    flows += 1;
    throw refusal ?? new Error('A halted flow went on although its run was carried over');
  }

  return {
    halt() {
      if (unbroken > 0 || refusal !== undefined) return undefined;
      halting ||= effects.isLong();
      return halting ? halted() : undefined;
    },
    async waiting(work) {
      if (unbroken > 0) return work();
      stop();
      try {
        return await work();
      } finally {
        flows += 1;
      }
    },
    fork(count) {
      flows += count - 1;
      let left = count;
      return () => {
        left -= 1;
        if (left > 0) stop(); // The last one becomes the flow that forked.
      };
    },
    async unbroken(work) {
      unbroken += 1;
      try {
        return await work();
      } finally {
        unbroken -= 1;
      }
    },
  };
}
