import type { Effects } from './effects.ts';

/**
 * Decides when a run that has become long goes on as a new one. A run is a number of flows: its own list of steps, and one for
 * each branch or item that runs at once. It can be carried over when every flow has stopped at a place that the state
 * describes: between steps, between items, or in a wait, whose end is an instant. Effects that are under way are waited for.
 */
export interface Continuation {
  /** Undefined: go on. Otherwise the flow has to await this; it rejects where the flow is canceled, or the run cannot be carried. */
  halt(): Promise<never> | undefined;
  /** A wait that may be left, since its cursor says how long is left of it. */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
  /** The flow that calls becomes `count` flows, at least one; each calls what is returned when it ends. */
  fork(count: number): () => void;
  /** Runs what must not be left: the new run would not know of the cancellation that led to it. */
  unbroken<Value>(work: () => Promise<Value>): Promise<Value>;
}

/**
 * `carryOver` is called when every flow has stopped. What it returns keeps the run from being carried over: it is thrown where the
 * flows have halted, so that the run fails like any other, and the run does not halt again.
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
      halting = false; // What was canceled has to end first. The next flow that asks halts again.
      flows += 1;
      throw error;
    }
    flows += 1;
    throw refusal ?? new Error('A wait for what never holds has ended');
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
        if (left > 0) stop(); // The last becomes the flow that forked.
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
