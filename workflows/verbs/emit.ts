import { type AwaitedEmit, awaitOf, outcomeSuffix } from '../../language/awaited-emit.ts';
import type { EmitStep } from '../../language/definition.ts';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import { parseDuration } from '../../language/time.ts';
import { callActivity, requestOfStep } from '../actions.ts';
import { Commanded } from '../commands.ts';
import type { CallRequest, StepIdentity } from '../effects.ts';
import { sentKeyOf, type StepContext, type StepOutput, summaryOf, timedOut } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { runSteps, skipStep } from '../run-step.ts';
import { cursorOf } from '../run-state.ts';
import { standing } from '../standing.ts';
import { react, skipReaction } from './reaction.ts';
import { sleepUntil } from './wait.ts';

/** The activities that tell what became of a message. */
const outcomeActivities = { delivered: 'outbound.outcome', ack: 'outbound.answer' } as const;

interface EmitCursor {
  untilMs: number;
  /** What emitting gave. */
  message?: JsonObject;
  /** What became of the deliveries, and what a receiver answered; null after the time limit. */
  outcome?: JsonObject | null;
}

/** An attempt looks once. A call ends after this time, so that a paused run halts in between. */
const lookForMs = 10 * 60_000;
const looking = { attempts: 10_000, firstMs: 1_000, factor: 1.5, maxMs: 60_000, except: [] };
/** Nothing is wrong: the deliveries have not ended. */
const pendingTypes = ['DeliveryPending', 'AnswerPending', 'TimedOut'];
/** The activity decides which of two comes first, the answer or the end of the time. If the database is away for so long after it, the time is over. */
const graceMs = 24 * 60 * 60_000;

/** Which activity an `emit` step asks. Undefined: it does not wait. */
export function outcomeActivityOf(step: EmitStep): string | undefined {
  const awaited = awaitOf(step);
  return awaited && outcomeActivities[awaited.what];
}

/**
 * `emit` with `await`: emits, and waits until each delivery has ended, or until a receiver has answered. If a delivery ended without success, or
 * all did before any answer, `onExhausted` runs; without it, the step fails with `DeliveryExhausted`. The output says how many were delivered,
 * and which were not.
 */
export async function performAwaitedEmit(step: EmitStep, context: StepContext): Promise<StepOutput> {
  const { run, frame, key } = context;
  const awaited = awaitOf(step) ?? { what: 'delivered', limit: '0s' };
  const { limit } = awaited;
  const cursor = cursorOf<EmitCursor>(run.state, key, () => ({ untilMs: run.effects.now() + parseDuration(limit) }));
  cursor.message ??= membersOf(await callActivity(emitRequest(step, awaited, cursor.untilMs, context), context));
  const { message } = cursor;
  if (cursor.outcome === undefined) {
    cursor.outcome =
      message.deliveries === 0 ? noDeliveries[awaited.what] : await outcomeOf(step, awaited, cursor.untilMs, context);
  }
  const { outcome } = cursor;
  // What is not needed is skipped last: a run that continues as new amid a reaction comes here again.
  if (outcome === null) {
    await react(step.onTimeout ?? 'fail', context, () => {
      return new RunError('TimedOut', step.id, lateText(step, awaited));
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

/** What the receivers see of the step: until when they may answer. An operator's edit of the input does not change it. */
function emitRequest(step: EmitStep, { what }: AwaitedEmit, untilMs: number, context: StepContext): CallRequest {
  const request = requestOfStep(step, summaryOf(step), context);
  if (what === 'delivered') return request;
  return { ...request, input: { ...request.input, ackUntil: new Date(untilMs).toISOString() } };
}

const noDeliveries: Record<AwaitedEmit['what'], JsonObject> = {
  delivered: { delivered: 0, failed: [] },
  ack: { delivered: 0, failed: [], ack: null, by: null },
};

function lateText({ id, emit }: EmitStep, { what, limit }: AwaitedEmit): string {
  if (what === 'ack') return `Step "${id}": no receiver of ${emit} had answered within ${limit}`;
  return `Step "${id}": not all deliveries of ${emit} had ended within ${limit}`;
}

function exhaustedText({ id, emit }: EmitStep, failed: number, deliveries: Json): string {
  return `Step "${id}": ${failed} of ${JSON.stringify(deliveries)} deliveries of ${emit} ended without success`;
}

/** The deliveries whose failure matters. Once a receiver has answered, none does. */
function failedIn({ failed, by }: JsonObject): Json[] {
  return Array.isArray(failed) && typeof by !== 'string' ? failed : [];
}

/** The steps for deliveries that failed, if none did. */
function skipSteps({ onExhausted = [] }: EmitStep, { frame, run }: StepContext): void {
  for (const each of onExhausted) skipStep(each, frame, run);
}

/** Null: the time was over first. */
async function outcomeOf(
  step: EmitStep,
  awaited: AwaitedEmit,
  untilMs: number,
  context: StepContext,
): Promise<JsonObject | null> {
  const { run, key } = context;
  const { continuation } = run;
  const freed = run.turn.waits(Infinity);
  if (freed !== undefined) await freed;
  const lastMs = awaited.what === 'ack' ? untilMs + graceMs : untilMs;
  const asking = standing('waiting', context, async () => {
    for (;;) {
      const begunMs = run.effects.now();
      const leftMs = lastMs - begunMs;
      if (leftMs <= 0) return null;
      const call = { activity: outcomeActivities[awaited.what], deadlineMs: Math.min(leftMs, lookForMs) };
      // What was asked in vain is asked again, so that the run can continue as new and be migrated meanwhile.
      const found = await continuation.waiting(() => look(step, call, context));
      if (found !== undefined) return found;
      run.inDoubt.delete(key);
      // A call ends at once if its next attempt would be after its limit.
      const nextMs = Math.min(lastMs, begunMs + looking.maxMs);
      if (run.effects.now() < nextMs) {
        await continuation.waiting(() => sleepUntil(nextMs, summaryOf(step), context));
      }
      const halted = continuation.halt();
      if (halted !== undefined) await halted;
    }
  });
  return awaited.what === 'ack' ? closedUnlessDecided(asking, step, context) : asking;
}

/** Nobody is told that an answer counts if the run has gone on without it, such as after a cancellation. Who asks again takes it. */
async function closedUnlessDecided<Outcome>(
  asking: Promise<Outcome>,
  step: EmitStep,
  context: StepContext,
): Promise<Outcome> {
  try {
    return await asking;
  } catch (error) {
    const { effects } = context.run;
    if (!asksAgain(error)) await effects.shielded(() => effects.closeAnswers(asked(step, context)));
    throw error;
  }
}

function asksAgain(error: unknown): boolean {
  return error instanceof Commanded && (error.command.verb === 'retry' || error.command.verb === 'editInput');
}

/** The call that asks what became of the message. */
function asked(step: EmitStep, context: StepContext): StepIdentity {
  return { key: `${sentKeyOf(context)}${outcomeSuffix}`, stepId: step.id, summary: summaryOf(step) };
}

/** Undefined: not yet. Null: too late. */
async function look(
  step: EmitStep,
  { activity, deadlineMs }: { activity: string; deadlineMs: number },
  context: StepContext,
): Promise<JsonObject | null | undefined> {
  const request = {
    ...asked(step, context),
    activity,
    input: activity === outcomeActivities.ack ? { closes: step.onExhausted !== undefined } : {},
    ...{ timeoutMs: 10_000, deadlineMs, heartbeatMs: null, retry: looking },
  };
  try {
    return membersOf(await callActivity(request, context));
  } catch (error) {
    if (error instanceof RunError && pendingTypes.includes(error.type)) return undefined;
    if (error instanceof RunError && error.type === 'AnswerLate') return null;
    throw error;
  }
}
