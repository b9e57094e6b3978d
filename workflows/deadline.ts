import type { OnTimeout, Step } from '../language/definition.ts';
import { childSteps } from '../language/plan.ts';
import { parseDuration } from '../language/time.ts';
import type { UndoEntry } from './effects.ts';
import type { Frame, RunContext } from './run-context.ts';
import type { RunError } from './run-error.ts';
import { cursorOf } from './run-state.ts';
import { skipUnreached } from './run-step.ts';
import { groupOf, undoAll } from './undo.ts';
import { react, skipReaction } from './verbs/reaction.ts';

/** Steps with a common time limit: a group, or the whole run. */
export interface TimeLimit {
  deadline: string;
  onTimeout?: OnTimeout | undefined;
  undoOnTimeout?: boolean | undefined;
  /** The key of the group. */
  key: string;
  /** The steps inside, of which those that have not begun are skipped at the deadline. */
  inside: Step[];
  /** Beside the timer. */
  summary: string;
  failure: () => RunError;
}

interface DeadlineCursor {
  /** A run that continues as new waits for what is left. */
  untilMs: number;
  late?: true;
}

/**
 * Runs `work`, which gets the frame for the steps inside. At the deadline it is canceled, as a run is: a call under way is awaited, `finally`
 * runs to its end, child runs are canceled and undo themselves. Then `onTimeout` is carried out, outside of the limit. Resolves to whether
 * the work was done in time.
 */
export async function withinDeadline(
  limit: TimeLimit,
  frame: Frame,
  run: RunContext,
  work: (inner: Frame) => Promise<void>,
): Promise<boolean> {
  const { deadline, onTimeout, undoOnTimeout, key, inside } = limit;
  const cursorKey = `${key} deadline`; // A group may have a cursor of its own, too.
  const { effects, state } = run;
  const cursor = cursorOf(state, cursorKey, (): DeadlineCursor => ({
    untilMs: effects.now() + parseDuration(deadline),
  }));
  try {
    const inner = undoOnTimeout === true ? { ...frame, races: [...frame.races, groupOf(key)] } : frame;
    if (cursor.late !== true && (await inTime(cursor, limit, run, () => work(inner)))) {
      skipReaction(onTimeout, { frame, run });
      return true;
    }
    if (undoOnTimeout === true) await undoGroup(key, run);
    skipNotBegun(inside, frame, run);
    await react(onTimeout ?? 'fail', { frame, run }, limit.failure);
    return false;
  } finally {
    Reflect.deleteProperty(state.cursors, cursorKey);
  }
}

/**
 * Resolves to false if the deadline ended the work. A failure of a `finally` that runs meanwhile, and a `stop` in it, count more than the
 * deadline. The timer begins before the work, so that it also rings before one inside that ends at the same instant.
 */
async function inTime(
  cursor: DeadlineCursor,
  { summary }: TimeLimit,
  { effects, continuation }: RunContext,
  work: () => Promise<void>,
): Promise<boolean> {
  let release: (() => void) | undefined;
  let cancelWork: () => void = () => undefined;
  const timer = effects.cancelable(() => effects.sleep(Math.max(1, cursor.untilMs - effects.now()), summary));
  timer.done.then(
    () => {
      cursor.late = true;
      release = continuation.hold(); // Until the canceled work has ended: the next run would not know why it ends.
      cancelWork();
    },
    () => undefined, // Called off, or canceled like the work itself.
  );
  try {
    const { done, cancel } = effects.cancelable(work);
    cancelWork = cancel;
    await done;
    delete cursor.late; // Done after all, at the last moment.
    return true;
  } catch (error) {
    if (cursor.late !== true || effects.isCanceled() || !effects.isCancellation(error)) throw error;
    return false;
  } finally {
    timer.cancel();
    release?.();
  }
}

async function undoGroup(key: string, run: RunContext): Promise<void> {
  const belongs = ({ races }: UndoEntry) => races.includes(groupOf(key));
  await run.continuation.finishing(() => run.effects.shielded(() => undoAll(run, groupOf(key), belongs)));
}

/** Skips what has not begun, at any depth, so that later steps may refer to it. What is inside a loop is not visible to them. */
function skipNotBegun(steps: Step[], frame: Frame, run: RunContext): void {
  for (const step of steps) {
    if (frame.status[step.id] === 'pending') skipUnreached(step, frame, run);
    else if (!('forEach' in step) && !('while' in step)) skipNotBegun(childSteps(step), frame, run);
  }
}
