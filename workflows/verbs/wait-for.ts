import type { WaitForStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/time.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { isEqual } from '../../language/operators/comparison.ts';
import { typeName } from '../../language/operators/operator.ts';
import { lookUp } from '../../language/path.ts';
import { matchesWhere, renderNames } from '../evaluate.ts';
import { type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { react, skipReaction } from './reaction.ts';

interface WaitForCursor {
  untilMs: number;
  /** Paths and the values that they had when the wait began. */
  match: JsonObject;
  /** The event once it is taken; null after the timeout. */
  event?: Json;
}

/**
 * `waitFor`: waits for another event. One that reached the run before the step began counts too. The output is the event. If
 * none arrives in time, `onTimeout` runs, the status is `timedOut` and the output null.
 */
export async function performWaitFor(step: WaitForStep, context: StepContext): Promise<StepOutput> {
  const { run, key } = context;
  const cursor = cursorOf(run.state, key, () => begin(step, context));
  if (cursor.event === undefined) await awaitEvent(step, cursor, context);
  if (cursor.event !== null && cursor.event !== undefined) {
    skipReaction(step.onTimeout, context);
    return cursor.event;
  }
  await react(step.onTimeout ?? 'fail', context, () => {
    const types = [step.waitFor].flat().join(' or ');
    return new RunError('TimedOut', step.id, `Step "${step.id}": no ${types} arrived within ${step.timeout}`);
  });
  return timedOut;
}

function begin(step: WaitForStep, context: StepContext): WaitForCursor {
  const match = renderNames(step.match, context);
  for (const [path, value] of Object.entries(match)) {
    if (value !== null && typeof value !== 'object') continue;
    const message = `Step "${step.id}": no event matches, because "${path}" is to be ${typeName(value)}`;
    throw new RunError('ExpressionFailed', step.id, message);
  }
  return { untilMs: context.run.effects.now() + parseDuration(step.timeout), match };
}

/** Sets `cursor.event`. An error in `where` is thrown from here, not from the condition that the host checks. */
async function awaitEvent(step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<void> {
  const { mailbox, effects, continuation } = context.run;
  let trouble: Error | undefined;
  let seen = -1;
  const look = (): boolean => {
    if (seen === mailbox.eventCount()) return cursor.event !== undefined;
    seen = mailbox.eventCount();
    try {
      const event = mailbox.takeEvent((each) => matches(each, step, cursor.match, context));
      if (event !== undefined) cursor.event = event; // An envelope is JSON by construction.
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

function matches(event: CanonicalEvent, step: WaitForStep, match: JsonObject, context: StepContext): boolean {
  if (!mayTake(step, event, context.run.input.event.source)) return false;
  const root = { event: event as unknown as Json }; // An envelope is JSON by construction.
  for (const [path, value] of Object.entries(match)) {
    const lookup = lookUp(path, root);
    if (!lookup.found || !isEqual(lookup.value, value)) return false;
  }
  return step.where === undefined || matchesWhere(step.where, event, context);
}

/** Whether the event has a type and a source that the step waits for. */
export function mayTake(step: WaitForStep, event: CanonicalEvent, ownSource: string): boolean {
  const types = [step.waitFor].flat();
  if (!types.includes(event.type) && !types.includes(event.nativeType)) return false;
  return [step.source ?? ownSource].flat().includes(event.source);
}
