import { awaitOf, outcomeSuffix } from '../../language/awaited-emit.ts';
import type { EmitStep } from '../../language/definition.ts';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import { parseDuration } from '../../language/time.ts';
import { callActivity, requestOfStep } from '../actions.ts';
import { sentKeyOf, type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { runSteps, skipStep } from '../run-step.ts';
import { cursorOf } from '../run-state.ts';
import { standing } from '../standing.ts';
import { react, skipReaction } from './reaction.ts';
import { sleepUntil } from './wait.ts';

/** The activity that tells what became of a message. */
export const outcomeActivity = 'outbound.outcome';

interface EmitCursor {
  untilMs: number;
  /** What emitting gave. */
  message?: JsonObject;
  /** What became of the deliveries; null after the time limit. */
  outcome?: JsonObject | null;
}

/** An attempt looks once. A call ends after this time, so that the run can continue as new in between. */
const lookForMs = 10 * 60_000;
const looking = { attempts: 10_000, firstMs: 1_000, factor: 1.5, maxMs: 60_000, except: [] };
/** Nothing is wrong: the deliveries have not ended. */
const pendingTypes = ['DeliveryPending', 'TimedOut'];

/**
 * `emit` with `await`: emits, and waits until each delivery has ended. If one ended without success, `onExhausted` runs; without it, the step
 * fails with `DeliveryExhausted`. The output says how many were delivered, and which were not.
 */
export async function performAwaitedEmit(step: EmitStep, context: StepContext): Promise<StepOutput> {
  const { run, frame, key } = context;
  const limit = awaitOf(step)?.limit ?? '0s';
  const cursor = cursorOf<EmitCursor>(run.state, key, () => ({ untilMs: run.effects.now() + parseDuration(limit) }));
  cursor.message ??= membersOf(await callActivity(requestOfStep(step, summaryOf(step), context), context));
  const { message } = cursor;
  if (cursor.outcome === undefined) {
    cursor.outcome = message.deliveries === 0 ? noDeliveries : await outcomeOf(step, cursor.untilMs, context);
  }
  const { outcome } = cursor;
  // What is not needed is skipped last: a run that continues as new amid a reaction comes here again.
  if (outcome === null) {
    await react(step.onTimeout ?? 'fail', context, () => {
      const what = `Step "${step.id}": not all deliveries of ${step.emit} had ended within ${limit}`;
      return new RunError('TimedOut', step.id, what);
    });
    skipSteps(step, context);
    return timedOut;
  }
  const output = { ...message, ...outcome };
  const failed = failedIn(outcome);
  if (failed.length === 0) {
    skipSteps(step, context);
    skipReaction(step.onTimeout, context);
    return output;
  }
  if (step.onExhausted === undefined) {
    run.inDoubt.add(key); // Others may have got it.
    throw new RunError('DeliveryExhausted', step.id, exhaustedText(step, failed.length, message.deliveries ?? null));
  }
  frame.outputs[step.id] = output;
  await runSteps(step.onExhausted, frame, run);
  skipReaction(step.onTimeout, context);
  return output;
}

/** Both activities give objects. A simulation may give anything. */
function membersOf(output: Json): JsonObject {
  return isObject(output) ? output : {};
}

const noDeliveries: JsonObject = { delivered: 0, failed: [] };

function exhaustedText({ id, emit }: EmitStep, failed: number, deliveries: Json): string {
  return `Step "${id}": ${failed} of ${JSON.stringify(deliveries)} deliveries of ${emit} ended without success`;
}

function failedIn({ failed }: JsonObject): Json[] {
  return Array.isArray(failed) ? failed : [];
}

/** The steps for deliveries that failed, if none did. */
function skipSteps({ onExhausted = [] }: EmitStep, { frame, run }: StepContext): void {
  for (const each of onExhausted) skipStep(each, frame, run);
}

/** Null: not all had ended in time. */
async function outcomeOf(step: EmitStep, untilMs: number, context: StepContext): Promise<JsonObject | null> {
  const { run, key } = context;
  const freed = run.turn.waits(Infinity);
  if (freed !== undefined) await freed;
  return standing('waiting', context, async () => {
    for (;;) {
      const begunMs = run.effects.now();
      const leftMs = untilMs - begunMs;
      if (leftMs <= 0) return null;
      const found = await look(step, Math.min(leftMs, lookForMs), context);
      if (found !== undefined) return found;
      run.inDoubt.delete(key);
      // A call ends at once if its next attempt would be after its limit.
      const nextMs = Math.min(untilMs, begunMs + looking.maxMs);
      if (run.effects.now() < nextMs) await sleepUntil(nextMs, summaryOf(step), context);
      const halted = run.continuation.halt();
      if (halted !== undefined) await halted;
    }
  });
}

/** Undefined: not yet. */
async function look(step: EmitStep, deadlineMs: number, context: StepContext): Promise<JsonObject | undefined> {
  const request = {
    key: `${sentKeyOf(context)}${outcomeSuffix}`,
    stepId: step.id,
    activity: outcomeActivity,
    input: {},
    summary: summaryOf(step),
    ...{ timeoutMs: 10_000, deadlineMs, heartbeatMs: null, retry: looking },
  };
  try {
    return membersOf(await callActivity(request, context));
  } catch (error) {
    if (error instanceof RunError && pendingTypes.includes(error.type)) return undefined;
    throw error;
  }
}
