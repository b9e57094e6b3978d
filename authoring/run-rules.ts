import type { Definition, FailurePolicy, StepDefaults } from '../language/definition.ts';
import { unitsMs } from '../language/time.ts';
import { pauseAfterMs, type RetryMs } from '../language/retry.ts';

/** The parts of this installation's configuration and interpreter that an explanation depends on. */
export interface RunRules {
  /** Names of the activities that run as local activities; all others are ordinary ones. */
  localActivities: readonly string[];
  /** The task queue of an activity that a worker of another program runs; null for those of Kait's own worker. */
  taskQueueOf: (activity: string) => string | null;
  /** The activities behind the verbs. */
  emitActivity: string;
  httpActivity: string;
  /** Limits of a step, with defaults for what neither the step nor its definition sets. */
  limitsMs: (own: StepDefaults, defaults?: StepDefaults) => LimitsMs;
  /** Whether a `run` step of that definition hands up how to undo what its run did. */
  handsUp: (definition: string) => boolean;
  failurePolicyOf: (definition: Definition) => FailurePolicy;
  undoesOnCancel: (definition: Definition) => boolean;
}

export interface LimitsMs {
  /** Limit of one attempt. */
  timeoutMs: number;
  /** Limit of all attempts with their pauses; null for none. */
  deadlineMs: number | null;
  retry: RetryMs;
}

/** `up to 20 attempts over about 58m, at most 30s each`. */
export function printSchedule(limits: LimitsMs): string {
  const { retry, timeoutMs, deadlineMs } = limits;
  const pauses = pausesMs(limits);
  const overMs = deadlineMs === null ? pauses : Math.min(pauses, deadlineMs);
  const attempts =
    retry.attempts === 1
      ? `1 attempt of at most ${printDuration(timeoutMs)}`
      : `up to ${retry.attempts} attempts over about ${printDuration(overMs)}, at most ${printDuration(timeoutMs)} each`;
  const deadline = deadlineMs === null ? '' : `, all within ${printDuration(deadlineMs)}`;
  const except = retry.except.length === 0 ? '' : `; no retry after ${retry.except.join(', ')}`;
  return `${attempts}${deadline}${except}`;
}

/** The longest time a step can take: every attempt uses its whole time and fails, until the last or the deadline. */
export function longestMs(limits: LimitsMs): number {
  const allMs = limits.retry.attempts * limits.timeoutMs + pausesMs(limits);
  return Math.min(allMs, limits.deadlineMs ?? Infinity);
}

/** The sum of all pauses between the attempts of a step that never succeeds. */
function pausesMs({ retry }: LimitsMs): number {
  let totalMs = 0;
  for (let attempt = 1; attempt < retry.attempts; attempt += 1) totalMs += pauseAfterMs(attempt, retry);
  return totalMs;
}

const largestFirst = Object.entries(unitsMs).reverse();

/** A duration for readers, rounded to its two largest units: `58m 31s`, `1d 2h`, `500ms`. */
export function printDuration(durationMs: number): string {
  const largest = largestFirst.findIndex(([, unitMs]) => durationMs >= unitMs);
  const [unit, smaller] = largestFirst.slice(largest);
  if (largest === -1 || unit === undefined) return '0s';
  const [finerName, finerMs] = smaller ?? unit;
  const roundedMs = Math.round(durationMs / finerMs) * finerMs;
  if (roundedMs !== durationMs) return printDuration(roundedMs); // Rounding may have reached the next larger unit.
  const [name, unitMs] = unit;
  const rest = (roundedMs % unitMs) / finerMs;
  return `${Math.floor(roundedMs / unitMs)}${name}${rest === 0 ? '' : ` ${rest}${finerName}`}`;
}
