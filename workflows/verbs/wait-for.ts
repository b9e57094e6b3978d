import type { WaitForStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/duration.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { lookUp } from '../../language/path.ts';
import { holds, renderNames } from '../evaluate.ts';
import type { Place } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { summaryOf } from '../summary.ts';
import { react, skipReaction } from './outcome-steps.ts';
import { timedOut } from './timed-out.ts';

interface WaitForCursor {
  untilMs: number;
  /** Paths and values as they were when the wait began. */
  match: JsonObject;
  /** The event, once it is taken; null when the time was over. */
  event?: Json;
}

/**
 * `waitFor`: waits for another event. One that reached the run before the step began counts as well. The output is the event;
 * where none comes in time, the status is `timedOut` and the output null, after `onTimeout` has run.
 */
export async function performWaitFor(step: WaitForStep, place: Place): Promise<Json | typeof timedOut> {
  const { run, key } = place;
  const cursor = cursorOf(run.state, key, () => begin(step, place));
  if (cursor.event === undefined) await awaitEvent(step, cursor, place);
  if (cursor.event !== null && cursor.event !== undefined) {
    skipReaction(step.onTimeout, place);
    return cursor.event;
  }
  await react(step.onTimeout ?? 'fail', place, () => {
    const types = [step.waitFor].flat().join(' or ');
    return new RunError('TimedOut', step.id, `Step "${step.id}": no ${types} came within ${step.timeout}`);
  });
  return timedOut;
}

function begin(step: WaitForStep, place: Place): WaitForCursor {
  return { untilMs: place.run.effects.now() + parseDuration(step.timeout), match: renderNames(step.match, place) };
}

/** Fills in `cursor.event`. What goes wrong with a `where` is thrown here and not where the host asks. */
async function awaitEvent(step: WaitForStep, cursor: WaitForCursor, place: Place): Promise<void> {
  const { mailbox, effects, continuation } = place.run;
  let trouble: Error | undefined;
  let seen = -1;
  const look = (): boolean => {
    if (seen === mailbox.eventCount()) return cursor.event !== undefined;
    seen = mailbox.eventCount();
    try {
      const event = mailbox.takeEvent((each) => matches(each, step, cursor.match, place));
      if (event !== undefined) cursor.event = event as unknown as Json; // An envelope is JSON by construction.
    } catch (error) {
      trouble = error as Error; // Evaluating throws nothing else.
    }
    return cursor.event !== undefined || trouble !== undefined;
  };
  if (!look()) {
    const ms = Math.max(0, cursor.untilMs - effects.now());
    await continuation.waiting(() => effects.waitUntil(look, ms, summaryOf(step)));
  }
  if (trouble !== undefined) throw trouble;
  cursor.event ??= null;
}

function matches(event: CanonicalEvent, step: WaitForStep, match: JsonObject, place: Place): boolean {
  const types = [step.waitFor].flat();
  if (!types.includes(event.type) && !types.includes(event.nativeType)) return false;
  if (![step.source ?? place.run.input.event.source].flat().includes(event.source)) return false;
  const signal = event as unknown as Json; // An envelope is JSON by construction.
  const root = { event: signal };
  for (const [path, value] of Object.entries(match)) {
    const lookup = lookUp(path, root);
    // Lists and objects are no good keys: they are never the same.
    if (!lookup.found || lookup.value !== value) return false;
  }
  return step.where === undefined || holds(step.where, 'where', place, signal);
}
