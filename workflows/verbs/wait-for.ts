import { confirmStep } from '../../language/confirm-step.ts';
import type { WaitForStep } from '../../language/definition.ts';
import { parseDuration } from '../../language/time.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { isEqual } from '../../language/operators/comparison.ts';
import { typeName } from '../../language/operators/operator.ts';
import { lookUp } from '../../language/path.ts';
import { limitsMs } from '../actions.ts';
import { Commanded } from '../commands.ts';
import { matchesWhere, renderNames } from '../evaluate.ts';
import { type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { standing } from '../standing.ts';
import { react, skipReaction } from './reaction.ts';

interface WaitForCursor {
  untilMs: number;
  /** Paths and the values that they had when the wait began. */
  match: JsonObject;
  /** Up to which row of the inbox stored events were looked through. Null: the wait is not registered yet. */
  after: number | null;
  /** How often they were, and how many events the gateway was asked about. */
  looks: number;
  asked: number;
  /** Whether all of them were looked through: from now on, events reach the run by themselves. */
  open: boolean;
  /** The mailbox's `drops` up to which this step has missed nothing. */
  drops: number;
  /** An event that matches, until the step has taken it. A run may continue as new in between. */
  found?: Json;
  /** The event once it is taken; null after the timeout. */
  event?: Json;
}

/**
 * `waitFor`: waits for another event. It is registered first, and then stored events are looked through, so that none is missed. The output
 * is the event. If none arrives in time, `onTimeout` runs, the status is `timedOut` and the output null.
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
  const untilMs = context.run.effects.now() + parseDuration(step.timeout);
  const drops = context.run.mailbox.drops();
  return { untilMs, match, after: null, looks: 0, asked: 0, open: false, drops };
}

/** Sets `cursor.event`. The wait is over in any case, unless the run continues as new. */
async function awaitEvent(step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<void> {
  const { effects } = context.run;
  try {
    for (;;) {
      await findEvent(step, cursor, context);
      const { found = null } = cursor;
      if (found === null || (await takes(found, step, cursor, context))) {
        cursor.event = found;
        return;
      }
      delete cursor.found;
    }
  } finally {
    await effects.shielded(() => effects.closeWait(identityOf(step, context)));
  }
}

/** Sets `cursor.found`, unless the time is over. */
async function findEvent(step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<void> {
  if (cursor.found === undefined) await findStored(step, cursor, context);
  while (cursor.found === undefined && dropped(cursor, context)) await findStored(step, cursor, context);
  if (cursor.found === undefined) await findSent(step, cursor, context);
}

/** Whether the run may have dropped an event for the step while it did not listen. Then the inbox is looked through once more. */
function dropped(cursor: WaitForCursor, { run: { mailbox } }: StepContext): boolean {
  if (cursor.drops === mailbox.drops()) return false;
  Object.assign(cursor, { drops: mailbox.drops(), after: 0, open: false });
  return true;
}

/** Looks through the events that were stored before the wait was registered. */
async function findStored(step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<void> {
  const { effects, input, mailbox } = context.run;
  while (!cursor.open) {
    const { after, looks } = cursor;
    const { events, ...next } = await effects.openWait({
      ...identityOf(step, context),
      types: [step.waitFor].flat(),
      sources: [step.source ?? input.event.source].flat(),
      match: cursor.match,
      lookBackMs: step.lookBack === undefined ? 0 : parseDuration(step.lookBack),
      untilMs: cursor.untilMs,
      ...{ after, looks },
    });
    cursor.looks += 1;
    const event = events.find((each) => {
      // Another step may have taken its own event from the mailbox. It will be told that it cannot have it.
      return matches(each, step, cursor.match, context) && (mailbox.takeStored(each) || next.own === true);
    });
    if (event !== undefined) {
      // If it does not count in the end, the others of the page are looked through again.
      cursor.found = event; // An envelope is JSON by construction.
      cursor.after ??= 0;
      return;
    }
    cursor.after = next.after;
    cursor.open = !next.more;
  }
}

/** Waits for an event that reaches the run. An error in `where` is thrown from here, and not where the event arrives. */
async function findSent(step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<void> {
  const { mailbox, continuation } = context.run;
  let trouble: Error | undefined;
  const isMatch = (event: CanonicalEvent): boolean => {
    try {
      return trouble === undefined && matches(event, step, cursor.match, context);
    } catch (error) {
      trouble = error as Error; // Evaluating throws nothing else.
      return false;
    }
  };
  const isOver = () => cursor.found !== undefined || trouble !== undefined;
  const kept = mailbox.takeEvent(isMatch);
  if (kept !== undefined) cursor.found = kept; // An envelope is JSON by construction.
  if (!isOver()) {
    const stopListening = mailbox.listen((event) => {
      if (isOver() || !isMatch(event)) return false;
      cursor.found = event;
      return true;
    });
    try {
      const freed = context.run.turn.waits(Infinity);
      if (freed !== undefined) await freed;
      await standing('waiting', context, () =>
        continuation.waiting(() => waitUntilOver(isOver, cursor.untilMs, step, context)),
      );
    } finally {
      stopListening();
    }
  }
  if (trouble !== undefined) throw trouble;
}

/** An operator may end it. What has arrived by then counts. */
async function waitUntilOver(isOver: () => boolean, untilMs: number, step: WaitForStep, { run, key }: StepContext) {
  const { effects, mailbox } = run;
  const slot = mailbox.commands.enter(key, 'waiting');
  try {
    const ms = Math.max(0, untilMs - effects.now());
    await effects.waitUntil(() => isOver() || slot.command() !== undefined, ms, summaryOf(step));
    const command = slot.command();
    if (command !== undefined && !isOver()) throw new Commanded(command);
  } finally {
    slot.close();
  }
}

/** Whether no other step of the run has taken the event, and its gateway confirms it if it is to be asked. */
async function takes(found: Json, step: WaitForStep, cursor: WaitForCursor, context: StepContext): Promise<boolean> {
  const { effects, mailbox } = context.run;
  const event = found as unknown as CanonicalEvent; // As it was found.
  const { taken, confirm } = await effects.claimEvent(identityOf(step, context), event);
  if (!taken || !confirm) return taken;
  cursor.asked += 1;
  const problem = await contradiction(event, cursor.asked, step, context);
  if (problem !== null) mailbox.note(`Step "${step.id}" did not take the event ${event.id}: ${problem}`);
  return problem === null;
}

/** Why the event is not true, as its gateway says. Null: it is. */
async function contradiction(
  { source, id: eventId }: CanonicalEvent,
  number: number,
  step: WaitForStep,
  { key, run: { effects } }: StepContext,
): Promise<string | null> {
  try {
    await effects.call({
      key: `${key}/kait:confirm-${number}`,
      stepId: step.id,
      activity: confirmStep.call,
      input: { source, eventId },
      summary: `${confirmStep.title} ${eventId}`.slice(0, 120),
      ...limitsMs(confirmStep),
    });
    return null;
  } catch (error) {
    const { type, message } = effects.describe(error);
    if (type !== 'Unconfirmed' || effects.isCanceled()) throw error;
    return message;
  }
}

function identityOf(step: WaitForStep, { key, stepId }: StepContext) {
  return { key, stepId, summary: summaryOf(step) };
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
