import type { StepStatus } from '../../language/definition.ts';
import type { ShownValue, StepDetails } from '../../language/run-details.ts';
import type { RunReading } from './read-run.ts';

/** Something that has happened to a run. */
export interface RunChange {
  /** `missing`: it is not known what happens, for the reason in `text`. `end`: nothing follows. */
  kind: 'step' | 'attempt' | 'asks' | 'paused' | 'resumed' | 'missing' | 'end';
  at: string;
  /** The step or its key. */
  step: string | null;
  /** Of the step; at the end, Temporal's of the run, or `UNKNOWN` if Temporal does not know the run. */
  status: string | null;
  text: string | null;
  /** At the end of a run that has completed. */
  result: ShownValue | null;
}

/** What a watcher has been told, small enough for the id of an event. JSON. */
export interface WatchPosition {
  /** A letter for each step, in the order of the definition. */
  steps: string;
  /** The attempts of calls under way, by key. */
  attempts: Record<string, number>;
  asking: string[];
  paused: boolean;
  missing: boolean;
}

export const beginning: WatchPosition = { steps: '', attempts: {}, asking: [], paused: false, missing: false };

const letters: Record<StepStatus, string> = {
  ...{ pending: '-', running: 'r', parked: 'p', done: 'd', skipped: 's', failed: 'f', timedOut: 't', canceled: 'c' },
};
/** Beyond this many steps or calls, changes are not told, so that a position fits into a header. */
const mostSteps = 1_000;
const mostCalls = 20;
const mostAsking = 20;

/** Whether nothing more will happen that could be told. */
export function isOver({ temporal, closedAt }: Pick<RunReading, 'temporal' | 'closedAt'>): boolean {
  return temporal === 'gone' || closedAt !== null;
}

/** What has happened between a position and a reading, in order, and the position after it. */
export function changesSince(
  before: WatchPosition,
  reading: RunReading,
  now: string,
): { changes: RunChange[]; position: WatchPosition } {
  const { details, missing, calls } = reading;
  const steps = details === null ? [] : stepsOf(details).slice(0, mostSteps);
  const attempts = Object.fromEntries(calls.slice(0, mostCalls).map(({ key, attempt }) => [key, attempt]));
  const position: WatchPosition = {
    steps: details === null ? before.steps : steps.map(({ status }) => letters[status]).join(''),
    attempts,
    asking: details === null ? before.asking : details.asking.slice(0, mostAsking),
    paused: details === null ? before.paused : details.paused !== null,
    missing: missing !== null,
  };
  const changes = [
    ...steps.flatMap((step, index) => stepChange(step, before.steps[index] ?? letters.pending, now)),
    ...attemptChanges(calls, before, now),
    ...asksChanges(position, before, now),
    ...pauseChange(reading, position, before, now),
    ...(missing !== null && !before.missing ? [{ ...nothing, kind: 'missing' as const, at: now, text: missing }] : []),
  ].sort((one, other) => one.at.localeCompare(other.at));
  return { changes: [...changes, ...endOf(reading, now)], position };
}

const nothing = { step: null, status: null, text: null, result: null };

/** Those that were skipped together with the step around them are left out. */
function stepsOf({ steps, others }: NonNullable<RunReading['details']>): (StepDetails & { isImplied: boolean })[] {
  const walk = (list: readonly StepDetails[], isImplied: boolean): (StepDetails & { isImplied: boolean })[] =>
    list.flatMap((step) => [
      { ...step, isImplied: isImplied && step.status === 'skipped' },
      ...step.branches.flatMap((branch) => walk(branch.steps, step.status === 'skipped')),
    ]);
  return walk([...steps, ...others.flatMap((each) => each.steps)], false);
}

function stepChange(step: StepDetails & { isImplied: boolean }, before: string, now: string): RunChange[] {
  const { id, status, error, startedAt, endedAt, isImplied } = step;
  if (letters[status] === before || isImplied || status === 'pending') return [];
  const hasEnded = status !== 'running' && status !== 'parked';
  const at = (hasEnded ? endedAt : startedAt) ?? now;
  return [{ ...nothing, kind: 'step', at, step: id, status, text: error }];
}

function attemptChanges(calls: RunReading['calls'], before: WatchPosition, now: string): RunChange[] {
  return calls.slice(0, mostCalls).flatMap(({ key, attempt, lastFailure, nextAttemptAt }): RunChange[] => {
    const known = Object.hasOwn(before.attempts, key) ? before.attempts[key] : 1;
    if (attempt <= (known ?? 1)) return [];
    const next = nextAttemptAt === null ? '' : `, at ${nextAttemptAt}`;
    return [
      { ...nothing, kind: 'attempt', at: now, step: key, text: `attempt ${attempt}${next}: ${lastFailure ?? ''}` },
    ];
  });
}

function asksChanges({ asking }: WatchPosition, before: WatchPosition, now: string): RunChange[] {
  const fresh = asking.filter((key) => !before.asking.includes(key));
  return fresh.map((step) => ({ ...nothing, kind: 'asks', at: now, step, text: 'waits for an answer' }));
}

function pauseChange({ details }: RunReading, after: WatchPosition, before: WatchPosition, now: string): RunChange[] {
  if (after.paused === before.paused) return [];
  const paused = details?.paused ?? null;
  if (paused === null) return [{ ...nothing, kind: 'resumed', at: now }];
  const text = `by ${paused.by ?? 'somebody'}${paused.reason === null ? '' : `: ${paused.reason}`}`;
  return [{ ...nothing, kind: 'paused', at: paused.at, text }];
}

function endOf(reading: RunReading, now: string): RunChange[] {
  if (!isOver(reading)) return [];
  const { status, closedAt, failure, details, result } = reading;
  const failed = details?.failure ?? failure;
  const text = failed === null ? null : `${failed.type}: ${failed.message}`;
  return [{ kind: 'end', at: closedAt ?? now, step: null, status: status ?? 'UNKNOWN', text, result }];
}
