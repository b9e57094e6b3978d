import type { Json, JsonObject } from '../language/json.ts';
import type { RetryMs } from '../language/retry.ts';

/**
 * A run's effects on the world. Hosts implement them: Temporal (`temporal-effects.ts`), the simulator, tests. Any call may
 * throw and any promise may reject; the interpreter then fails the step.
 */
export interface Effects {
  /** Runs an activity to its end, retries included. Rejects if it fails for good or the run is canceled. */
  call(request: CallRequest): Promise<Json>;
  /** Starts a run of another definition; see {@link ChildRequest.detach}. It replaces a failed run with the same key. */
  runChild(request: ChildRequest): Promise<Json>;
  /** Resolves after `ms` on the host's clock. Operators see `summary` beside the timer. */
  sleep(ms: number, summary: string): Promise<void>;
  /**
   * Resolves to true as soon as `holds` returns true, or to false after `ms`. The host asks again after every change that could
   * matter. Null: only the run's own time limit applies.
   */
  waitUntil(holds: () => boolean, ms: number | null, summary: string): Promise<boolean>;
  /** The host's clock in Unix milliseconds. A replay gets the same value. */
  now(): number;
  /** Runs `work` so that `cancel` makes everything it awaits reject with a cancellation. */
  cancelable<Value>(work: () => Promise<Value>): { done: Promise<Value>; cancel: () => void };
  /** Runs `work` to its end, even if the run is canceled meanwhile or was canceled before. */
  shielded<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Whether the run has become so long that it should continue as new. */
  isLong(): boolean;
  /** Whether a rejection means that the run, or the branch it came from, was canceled. */
  isCancellation(error: unknown): boolean;
  /** Why an effect failed. */
  describe(error: unknown): StepError;
}

export interface StepError {
  /** The type that `catch` and `retry.except` match. */
  type: string;
  /** One line. */
  message: string;
}

export interface CallRequest {
  /** `<step id>`, followed by the index of each enclosing loop: `pay/3`. The last part of the idempotency key. */
  key: string;
  stepId: string;
  activity: string;
  input: JsonObject;
  summary: string;
  /** Time limit of one attempt. */
  timeoutMs: number;
  /** Time limit of all attempts and the pauses between them; null: none. */
  deadlineMs: number | null;
  /** How often an attempt must show that it is alive. */
  heartbeatMs: number;
  retry: RetryMs;
}

export interface ChildRequest {
  /** See {@link CallRequest.key}. */
  key: string;
  stepId: string;
  /** The other definition's name. */
  definition: string;
  vars: JsonObject;
  summary: string;
  /** False: resolves to the run's output and rejects if it fails. True: resolves to `{ workflowId }` once it has started. */
  detach: boolean;
}
