import type { RunContext } from './run-context.ts';
import { RunError } from './run-error.ts';

/** Work whose parts run concurrently: the branches of `parallel`, the items of `forEach`. */
export interface Pool {
  /** The next part, or undefined after the last one. Called between parts, where the run may continue as new. */
  next: () => Part | undefined;
  concurrency: number;
  /** Whether the first failure cancels the other parts, and is thrown. */
  failsAtOnce: boolean;
  /** Asked after each part. True: the others are canceled. */
  isDecided: () => boolean;
}

export interface Part {
  work: () => Promise<void>;
  /** Called when `work` has ended. */
  ended?: (failed: boolean) => void;
}

/**
 * Runs all parts and joins them. With `failsAtOnce` it rejects with the first failure once the others have ended. Otherwise it never
 * rejects because a part failed: each part records its own failure. A cancellation and a `stop` end every join.
 */
export async function runPool({ next, concurrency, failsAtOnce, isDecided }: Pool, run: RunContext): Promise<void> {
  if (concurrency === 0) return;
  const failures: unknown[] = [];
  let over = false;
  let release: (() => void) | undefined;
  const flowEnded = run.continuation.fork(concurrency);
  const { done, cancel } = run.effects.cancelable(() => Promise.all(Array.from({ length: concurrency }, flow)));
  await done;
  release?.();
  if (failures.length > 0) throw failures[0];

  /** Runs one part after another. Never rejects, so that `done` waits for every flow. */
  async function flow(): Promise<void> {
    while (!over) {
      let part: Part | undefined;
      try {
        const halted = run.continuation.halt();
        if (halted !== undefined) await halted;
        part = next();
        if (part === undefined) break;
        await part.work();
        part.ended?.(false);
      } catch (error) {
        part?.ended?.(true);
        note(error);
      }
      if (isDecided()) end();
    }
    flowEnded();
  }

  function note(error: unknown): void {
    if (!endsJoin(error)) return;
    // After the end, a cancellation is the pool's own doing.
    if (!over || !run.effects.isCancellation(error)) failures.push(error);
    end();
  }

  function endsJoin(error: unknown): boolean {
    return failsAtOnce || !(error instanceof RunError);
  }

  function end(): void {
    if (over) return;
    over = true;
    release = run.continuation.hold(); // Until the canceled flows have ended, `finally` and all.
    cancel();
  }
}
