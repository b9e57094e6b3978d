import type { Effects } from './effects.ts';
import type { Workload } from './workload.ts';

/**
 * Decides when a long run continues as new. A run consists of flows: one for its own list of steps, and one for each branch or
 * item that runs concurrently. It can be carried over once every flow has stopped at a point that the state describes: between
 * steps, between items, or in a wait, which ends at an instant. Effects under way are awaited first.
 */
export interface Continuation {
  /** Begins to look after waits. Call it once, within the run's own scope. */
  watch(): void;
  /**
   * Undefined: go on. Otherwise the flow must await the promise. It rejects if the flow is canceled or the run cannot be carried,
   * and resolves if the run goes on: after a rest, or because it must end before it may continue as new.
   */
  halt(): Promise<void> | undefined;
  /**
   * Runs a wait that may be abandoned, since its cursor says how to go on with it. If the run gets long while all flows wait, because of
   * what is sent to it, it continues as new from there.
   */
  waiting<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Whether every flow has stopped in a wait, or because the run is paused, and nothing keeps the run from continuing as new. */
  isStill(): boolean;
  /** Ends a run that is still, which continues as new. Whoever calls it carries its state over. */
  end(): void;
  /** Splits the calling flow into `count` flows, at least one. Each calls the returned function when it ends. */
  fork(count: number): () => void;
  /**
   * Keeps the run from continuing as new until the returned function is called: the next run would not know why a flow ends. A
   * canceled run never continues as new.
   */
  hold(): () => void;
  /**
   * Runs work that must be done in any case: an undo, a `finally`. It may continue as new, but if the run cannot be carried, that fails the
   * run only after this work, at the next halt.
   */
  finishing<Value>(work: () => Promise<Value>): Promise<Value>;
}

/**
 * `carryOver` is called when every flow has stopped. While the run `isPaused`, no flow goes on from where it may halt, unless the run is
 * canceled; a paused run may continue as new. If `carryOver` returns an error, the run is not carried over: the halted flows
 * and the waits throw that error, so the run fails like any other, and it does not halt again. See `finishing` for the exception. While
 * something `isOwed`, such as a command that was accepted, the run is not carried over: the state does not have it yet.
 */
export function createContinuation(
  effects: Effects,
  workload: Workload,
  {
    carryOver,
    isPaused,
    isOwed,
  }: { carryOver: () => Error | undefined; isPaused: () => boolean; isOwed: () => boolean },
): Continuation {
  let halting = false;
  let refusal: Error | undefined;
  let flows = 1;
  let holds = 0;
  let unfinished = 0;
  /** Whether the refusal has yet to be thrown. */
  let owed = false;
  let over = false;
  /** Ends each open wait with the refusal. */
  const waits = new Set<() => void>();
  const mustEnd = () => holds > 0 || isOwed() || effects.isRunCanceled();

  function stop(): void {
    flows -= 1;
    if (halting) carryOverIfStopped();
  }

  function carryOverIfStopped(): void {
    if (over || flows > 0 || mustEnd()) return;
    refusal = carryOver();
    over = refusal === undefined;
    if (refusal === undefined) return;
    halting = false;
    owed = unfinished > 0;
    if (!owed) for (const end of waits) end();
  }

  /** Nothing halts while everything waits. */
  async function watchWaits(): Promise<void> {
    const isDue = () => !over && refusal === undefined && flows === 0 && !mustEnd() && effects.isLong();
    while (!over && refusal === undefined) {
      await effects.waitUntil(isDue, null, '');
      carryOverIfStopped();
    }
  }

  async function halted(): Promise<void> {
    stop();
    try {
      await effects.waitUntil(() => refusal !== undefined || mustEnd(), null, '');
    } finally {
      halting = false; // A canceled flow has to end first. The next flow that asks halts again.
      flows += 1;
    }
    if (refusal !== undefined && !owed) throw refusal;
  }

  function haltIfLong(): Promise<void> | undefined {
    if (mustEnd()) return undefined;
    if (refusal !== undefined) {
      if (!owed || unfinished > 0) return undefined;
      owed = false;
      return Promise.reject(refusal);
    }
    halting ||= effects.isLong();
    return halting ? halted() : undefined;
  }

  async function rested(rest: Promise<void>): Promise<void> {
    for (let more: Promise<void> | undefined = rest; more !== undefined; more = workload.rest()) await more;
    if (effects.isCanceled()) throw effects.cancellation();
    await (isHeld() ? resumed() : haltIfLong());
  }

  const isHeld = () => isPaused() && !effects.isRunCanceled();

  /** A run that must end before it may continue as new is paused all the same. */
  async function resumed(): Promise<void> {
    while (isHeld()) await waiting(() => effects.waitUntil(() => !isHeld(), null, 'paused'));
    if (effects.isCanceled()) throw effects.cancellation();
    const halted = haltIfLong();
    if (halted === undefined) return;
    await halted;
    if (isHeld()) await resumed();
  }

  async function waiting<Value>(work: () => Promise<Value>): Promise<Value> {
    const { done, cancel } = effects.cancelable(() => {
      stop();
      return work();
    });
    waits.add(cancel);
    try {
      return await done;
    } catch (error) {
      const isRefused = refusal !== undefined && !owed;
      throw isRefused && !effects.isCanceled() && effects.isCancellation(error) ? refusal : error;
    } finally {
      waits.delete(cancel);
      flows += 1;
    }
  }

  return {
    isStill: () => !over && refusal === undefined && flows === 0 && !mustEnd(),
    end: () => void (over = true),
    watch: () => void watchWaits().catch(() => undefined), // A canceled run never continues as new.
    halt() {
      if (isHeld()) return resumed();
      const rest = workload.rest();
      return rest === undefined ? haltIfLong() : rested(rest);
    },
    waiting,
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
    async finishing(work) {
      unfinished += 1;
      try {
        return await work();
      } finally {
        unfinished -= 1;
      }
    },
  };
}
