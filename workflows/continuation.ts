import type { Effects } from './effects.ts';

/**
 * Decides when a run that has become long goes on as a new one. A run is a number of flows: its own list of steps, and one for
 * each branch or item that runs at once. It can be carried over when every flow has stopped at a place that the state
 * describes: between steps, between items, or in a wait, whose end is an instant. Effects that are under way are waited for.
 */
export interface Continuation {
  /** Undefined: go on. Otherwise the flow has to await this; it rejects only where the flow is canceled. */
  halt(): Promise<never> | undefined;
  /** A wait that may be left, since its cursor says how long is left of it. */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
  /** The flow that calls becomes `count` flows, at least one; each calls what is returned when it ends. */
  fork(count: number): () => void;
  /** Runs what must not be left: the new run would not know of the cancellation that led to it. */
  unbroken<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Resolves when every flow has stopped. */
  due: Promise<void>;
}

export function createContinuation(effects: Effects): Continuation {
  let halting = false;
  let flows = 1;
  /** Flows within `unbroken`. */
  let unbroken = 0;
  let carryOver: () => void = () => undefined;
  const due = new Promise<void>((resolve) => (carryOver = resolve));

  function stop(): void {
    flows -= 1;
    if (halting && flows === 0) carryOver();
  }

  async function halted(): Promise<never> {
    stop();
    try {
      await effects.waitUntil(() => false, null, '');
    } catch (error) {
      halting = false; // What was canceled has to end first. The next flow that asks halts again.
      flows += 1;
      throw error;
    }
    throw new Error('A wait for what never holds has ended');
  }

  return {
    halt() {
      if (unbroken > 0) return undefined;
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
    due,
  };
}
