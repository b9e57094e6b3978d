import type { Json, JsonObject } from '../language/json.ts';

/**
 * What a run does to the world. Temporal is one host (`interpret.ts`), tests and the simulator are others. Every call may
 * throw, and every promise reject; the interpreter then fails the step.
 */
export interface Effects {
  /** Runs an activity to its end, retries included. Rejects when it failed for good or the run is canceled. */
  call(request: CallRequest): Promise<Json>;
  /** Resolves after `ms` on the host's clock. `summary` is what an operator sees beside the timer. */
  sleep(ms: number, summary: string): Promise<void>;
  /** The host's clock in Unix milliseconds; the same again on replay. */
  now(): number;
  /** Runs all branches at once. The first rejection cancels the others, waits for them to end, and is passed on. */
  all(branches: (() => Promise<void>)[]): Promise<void>;
  /** Whether a rejection means that the run, or the branch it came from, was canceled. */
  isCancellation(error: unknown): boolean;
  /** One line on why an effect was rejected. */
  reason(error: unknown): string;
}

export interface CallRequest {
  /** The activity's id in Temporal and the last part of its idempotency key. */
  stepId: string;
  activity: string;
  input: JsonObject;
  summary: string;
  /** Limit of one attempt. */
  timeoutMs: number;
  retry: RetryMs;
}

export interface RetryMs {
  /** The first included. */
  attempts: number;
  firstMs: number;
  factor: number;
  maxMs: number;
}
