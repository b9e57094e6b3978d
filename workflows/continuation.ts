import type { Effects } from './effects.ts';

/**
 * Decides when a long run continues as new. A run consists of flows: one for its own list of steps, and one for each branch or
 * item that runs concurrently. It can be carried over once every flow has stopped at a point that the state describes: between
 * steps, between items, or in a wait, which ends at an instant. Effects under way are awaited first.
 */
export interface Continuation {
  /**
   * Undefined: go on. Otherwise the flow must await the promise. It rejects if the flow is canceled or the run cannot be carried,
   * and resolves if the run must end before it may continue as new.
   */
  halt(): Promise<void> | undefined;
  /** Runs a wait that may be abandoned, since its cursor says how long is left. */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Splits the calling flow into `count` flows, at least one. Each calls the returned function when it ends. */
  fork(count: number): () => void;
  /**
   * Keeps the run from continuing as new until the returned function is called: the next run would not know why a flow ends. A
   * canceled run never continues as new.
   */
  hold(): () => void;
}

/**
 * `carryOver` is called when every flow has stopped. If it returns an error, the run is not carried over: the halted flows
 * throw that error, so the run fails like any other, and it does not halt again.
 */
export function createContinuation(effects: Effects, carryOver: () => Error | undefined): Continuation {
  let halting = false;
  let refusal: Error | undefined;
  let flows = 1;
  let holds = 0;
  const mustEnd = () => holds > 0 || effects.isRunCanceled();

  function stop(): void {
    flows -= 1;
    if (!halting || flows > 0 || mustEnd()) return;
    refusal = carryOver();
    if (refusal !== undefined) halting = false;
  }

  async function halted(): Promise<void> {
    stop();
    try {
      await effects.waitUntil(() => refusal !== undefined || mustEnd(), null, '');
    } finally {
      halting = false; // A canceled flow has to end first. The next flow that asks halts again.
      flows += 1;
    }
    if (refusal !== undefined) throw refusal;
  }

  return {
    halt() {
      if (mustEnd() || refusal !== undefined) return undefined;
      halting ||= effects.isLong();
      return halting ? halted() : undefined;
    },
    async waiting(work) {
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
    hold() {
      holds += 1;
      return () => void (holds -= 1);
    },
  };
}
