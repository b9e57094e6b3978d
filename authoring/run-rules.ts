import type { Definition, FailurePolicy, StepDefaults } from '../language/definition.ts';

/** How this installation runs definitions, as far as an explanation depends on it. */
export interface RunRules {
  /** Names of activities that run as local activities; all others are ordinary ones. */
  localActivities: readonly string[];
  /** The activities behind the verbs. */
  emitActivity: string;
  httpActivity: string;
  /** Fills in what neither a step nor its definition says. */
  limitsMs: (own: StepDefaults, defaults?: StepDefaults) => LimitsMs;
  failurePolicyOf: (definition: Definition) => FailurePolicy;
  undoesOnCancel: (definition: Definition) => boolean;
}

export interface LimitsMs {
  /** Of one attempt. */
  timeoutMs: number;
  /** Of all attempts with their pauses; null: none. */
  deadlineMs: number | null;
  retry: {
    /** The first included. */
    attempts: number;
    firstMs: number;
    factor: number;
    maxMs: number;
    /** Error types that are not tried again. */
    except: string[];
  };
}

/** `up to 20 attempts over about 58m, 30s each at most`. */
export function printSchedule(limits: LimitsMs): string {
  const { retry, timeoutMs, deadlineMs } = limits;
  const pauses = pausesMs(limits);
  const overMs = deadlineMs === null ? pauses : Math.min(pauses, deadlineMs);
  const attempts =
    retry.attempts === 1
      ? `1 attempt, ${printDuration(timeoutMs)} at most`
      : `up to ${retry.attempts} attempts over about ${printDuration(overMs)}, ${printDuration(timeoutMs)} each at most`;
  const deadline = deadlineMs === null ? '' : `, all within ${printDuration(deadlineMs)}`;
  const except = retry.except.length === 0 ? '' : `; not again after ${retry.except.join(', ')}`;
  return `${attempts}${deadline}${except}`;
}

/** How long a step takes at most: every attempt takes its whole time and fails, until the last or the deadline. */
export function longestMs(limits: LimitsMs): number {
  const allMs = limits.retry.attempts * limits.timeoutMs + pausesMs(limits);
  return Math.min(allMs, limits.deadlineMs ?? Infinity);
}

/** All pauses between the attempts of a step that never succeeds. */
function pausesMs({ retry }: LimitsMs): number {
  let totalMs = 0;
  let pauseMs = retry.firstMs;
  for (let pause = 1; pause < retry.attempts; pause += 1) {
    totalMs += Math.min(pauseMs, retry.maxMs);
    pauseMs = Math.min(pauseMs * retry.factor, retry.maxMs);
  }
  return totalMs;
}

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A time for readers in its two largest units, rounded: `58m 31s`, `1d 2h`, `500ms`. */
export function printDuration(durationMs: number): string {
  const largest = unitsMs.findIndex(([, unitMs]) => durationMs >= unitMs);
  const [unit, smaller] = unitsMs.slice(largest);
  if (largest === -1 || unit === undefined) return '0s';
  const [finerName, finerMs] = smaller ?? unit;
  const roundedMs = Math.round(durationMs / finerMs) * finerMs;
  if (roundedMs !== durationMs) return printDuration(roundedMs); // It may have become a whole larger unit.
  const [name, unitMs] = unit;
  const rest = (roundedMs % unitMs) / finerMs;
  return `${Math.floor(roundedMs / unitMs)}${name}${rest === 0 ? '' : ` ${rest}${finerName}`}`;
}
