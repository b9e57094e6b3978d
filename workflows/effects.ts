import type { Json, JsonObject } from '../language/json.ts';

/**
 * What a run does to the world. Temporal is one host (`interpret.ts`), the simulator and tests are others. Every call may
 * throw, and every promise reject; the interpreter then fails the step.
 */
export interface Effects {
  /** Runs an activity to its end, retries included. Rejects when it failed for good or the run is canceled. */
  call(request: CallRequest): Promise<Json>;
  /** Starts another definition's run; see {@link ChildRequest.detach}. One that failed is replaced. */
  runChild(request: ChildRequest): Promise<Json>;
  /** Resolves after `ms` on the host's clock. `summary` is what an operator sees beside the timer. */
  sleep(ms: number, summary: string): Promise<void>;
  /**
   * Resolves to true as soon as `holds` does, which is asked after whatever may have changed it; to false after `ms`.
   * Null: there is no limit but the run's own.
   */
  waitUntil(holds: () => boolean, ms: number | null, summary: string): Promise<boolean>;
  /** The host's clock in Unix milliseconds; the same again on replay. */
  now(): number;
  /** Runs `work` so that `cancel` makes what it waits for reject with a cancellation. */
  cancelable<Value>(work: () => Promise<Value>): { done: Promise<Value>; cancel: () => void };
  /** Runs `work` to its end even where the run is canceled meanwhile, or was before. */
  shielded<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Whether the run has become so long that it should go on as a new one, with what `carried` holds. */
  isLong(): boolean;
  /** Whether a rejection means that the run, or the branch it came from, was canceled. */
  isCancellation(error: unknown): boolean;
  /** What an effect was rejected with: the type that `catch` and `retry.except` name, and one line on why. */
  describe(error: unknown): { type: string; message: string };
}

export interface CallRequest {
  /** `<step id>`, with the index of each enclosing loop behind it: `pay/3`. Last part of the idempotency key. */
  key: string;
  stepId: string;
  activity: string;
  input: JsonObject;
  summary: string;
  /** Limit of one attempt. */
  timeoutMs: number;
  /** Limit of all attempts with their pauses; null: none. */
  deadlineMs: number | null;
  /** How often an attempt must show that it is alive. */
  heartbeatMs: number;
  retry: RetryMs;
}

export interface RetryMs {
  /** The first included. */
  attempts: number;
  firstMs: number;
  factor: number;
  maxMs: number;
  /** Error types that are not tried again. */
  except: string[];
}

export interface ChildRequest {
  /** As {@link CallRequest.key}. */
  key: string;
  stepId: string;
  /** The other definition's name. */
  definition: string;
  vars: JsonObject;
  summary: string;
  /** False: resolves to the run's output, and rejects where it fails. True: to `{ workflowId }` once it has started. */
  detach: boolean;
}
