import { allSteps } from '../language/plan.ts';
import type { Step, StepStatus } from '../language/definition.ts';
import { hasEnded } from '../language/has-ended.ts';
import type { Json } from '../language/json.ts';
import { guardOf, verbOf } from '../language/verbs.ts';
import type { StepError } from './effects.ts';
import { holds } from './evaluate.ts';
import { asStepFailure } from './internal-error.ts';
import { Commanded, type StepCommand } from './commands.ts';
import {
  contextOf,
  type Frame,
  type RunContext,
  type StepContext,
  type StepOutput,
  summaryOf,
  timedOut,
} from './run-context.ts';
import { RunError, RunStopped } from './run-error.ts';
import { bare, cursorOf } from './run-state.ts';
import { standing } from './standing.ts';
import { failurePolicyOf, forgetLeft, rememberDoubt, rememberUndo } from './undo.ts';
import { beginAgainInside, clearWreck, leaveCursor, leaveSkipped } from './wreck.ts';

/** How long a run stays open at a parked step: nothing waits forever. */
export const parkedLimitMs = 365 * 24 * 60 * 60 * 1000;

/** Runs a list of steps in order, except those that had ended before the run continued as new. */
export async function runSteps(steps: Step[], frame: Frame, run: RunContext): Promise<void> {
  for (const step of steps) {
    if (hasEnded(frame.status[step.id])) continue;
    const halted = run.continuation.halt();
    if (halted !== undefined) await halted;
    await runStep(step, frame, run);
  }
}

/**
 * Runs one step. Rejects if it fails and nothing handles that: with a {@link RunError}, a cancellation or a stop. A step that
 * succeeds takes one async function: Temporal's SDK records a stack trace for each promise that a workflow creates.
 */
export async function runStep(step: Step, frame: Frame, run: RunContext): Promise<void> {
  if (hasEnded(frame.status[step.id])) return;
  const context = contextOf(step, frame, run);
  run.state.startedAt[step.id] = run.effects.now();
  if (frame.status[step.id] === 'parked' && (await park(step, context))) return canceledOrOn(run);
  for (;;) {
    try {
      if (isSkippedByGuard(step, context)) return skipStep(step, frame, run);
      if (frame.status[step.id] !== 'running') mark('running', context);
      finish(step, await run.perform(step, context), context);
      break;
    } catch (error) {
      const hasEnded =
        error instanceof Commanded
          ? obeyed(step, error.command, context)
          : await parkOrFail(step, asStepFailure(error, step.id, run.effects), context);
      if (hasEnded) break;
      run.uuids.delete(context.key);
      const halted = run.continuation.halt();
      if (halted !== undefined) await halted;
    }
  }
  canceledOrOn(run);
}

/** Nothing follows a step that was canceled while its effect was under way, although it completed. */
function canceledOrOn({ effects }: RunContext): void {
  if (effects.isCanceled()) throw effects.cancellation();
}

/** Marks the step and every step inside it as skipped. Their outputs are null. */
export function skipStep(step: Step, frame: Frame, run: RunContext): void {
  for (const each of allSteps([step])) end('skipped', null, contextOf(each, frame, run));
}

/** Skips a step that is not reached. In a run that goes on from another one, steps inside may have ended before. */
export function skipUnreached(step: Step, frame: Frame, run: RunContext): void {
  for (const each of allSteps([step])) {
    if (hasEnded(frame.status[each.id])) continue;
    leaveSkipped(each, frame, run);
    end('skipped', null, contextOf(each, frame, run));
  }
}

/** Skips the steps inside that have not begun. */
function skipInside(step: Step, frame: Frame, run: RunContext): void {
  for (const { id } of allSteps([step]).slice(1)) {
    if (frame.status[id] !== 'pending') continue;
    end('skipped', null, { run, frame, stepId: id, key: `${id}${frame.suffix}` });
  }
}

function finish(step: Step, output: StepOutput, context: StepContext): void {
  clearWreck(step, context);
  if (output === timedOut) end('timedOut', null, context);
  else complete(step, output, context);
}

/** Rejects with the error, or parks the step. Then resolves to true if the step has ended, or to false if it is to be retried. */
async function parkOrFail(step: Step, error: unknown, context: StepContext): Promise<boolean> {
  if (error instanceof RunStopped) {
    end('done', null, context);
    throw error;
  }
  const failure = errorOf(error, context);
  if (failure === undefined || !parks(step, error, context)) {
    fail(step, failure, context, error);
    throw error;
  }
  const { run, frame, key } = context;
  run.state.errors[step.id] = failure.message;
  frame.outputs[step.id] = null;
  frame.status[step.id] = 'failed';
  if (run.inDoubt.delete(key)) rememberDoubt(step, context);
  mark('parked', context, { error: failure });
  const freed = run.turn.parks({ type: failure.type, stepId: step.id });
  if (freed !== undefined) await freed;
  return park(step, context);
}

/** A step that is `running` has passed its guard already, before the run continued as new. */
function isSkippedByGuard(step: Step, context: StepContext): boolean {
  const guard = guardOf(step);
  if (guard === undefined || context.frame.status[step.id] === 'running') return false;
  return !holds(guard, 'if', context);
}

function complete(step: Step, output: Json, context: StepContext): void {
  const { frame, stepId } = context;
  frame.outputs[stepId] = output; // Its own `undo` sees it.
  forgetLeft(context);
  rememberUndo(step, context);
  end('done', output, context);
}

function end(status: StepStatus, output: Json, context: StepContext): void {
  const { run, frame, stepId } = context;
  frame.outputs[stepId] = output;
  Reflect.deleteProperty(run.state.cursors, context.key);
  run.mailbox.commands.leave(context.key);
  forgetEdit(context);
  run.state.endedAt[stepId] = run.effects.now();
  mark(status, context, { output });
}

function fail(step: Step, error: StepError | undefined, context: StepContext, thrown: unknown): void {
  const { run, frame, stepId, key } = context;
  if (error !== undefined) run.state.errors[stepId] = error.message;
  frame.outputs[stepId] = null; // The steps that handle the failure may refer to it.
  leaveCursor(thrown, context);
  run.mailbox.commands.leave(key);
  forgetEdit(context);
  run.state.endedAt[stepId] = run.effects.now();
  mark(error === undefined ? 'canceled' : 'failed', context, error === undefined ? {} : { error });
  if (run.inDoubt.delete(key)) rememberDoubt(step, context);
}

function forgetEdit({ run: { state }, key }: StepContext): void {
  if (state.inputs !== undefined) Reflect.deleteProperty(state.inputs, key);
}

function mark(status: StepStatus, context: StepContext, details: { output?: Json; error?: StepError } = {}): void {
  const { run, frame, stepId, key } = context;
  frame.status[stepId] = status;
  run.state.status[stepId] = status;
  run.observer.changed?.({ key, stepId, status, ...details });
}

/** Undefined for a cancellation. */
function errorOf(error: unknown, { run }: StepContext): StepError | undefined {
  if (run.effects.isCancellation(error)) return undefined;
  // Lists show the step's name beside it, so the cause alone says enough.
  if (error instanceof RunError)
    return {
      type: error.type,
      message: error.cause === undefined ? error.message : run.effects.describe(error.cause).message,
    };
  return run.effects.describe(error);
}

/* A parked step keeps its run open until an operator says how it goes on. */

/** Only if nothing around the step handles the failure. A `fail` step never parks: its author wants it to fail. */
function parks(step: Step, error: unknown, { run, frame }: StepContext): boolean {
  if (!(error instanceof RunError) || error.stepId !== step.id || frame.handles(error.type)) return false;
  return verbOf(step) !== 'fail' && failurePolicyOf(run.input.definition, run.input.children) === 'park';
}

/**
 * The timer shows operators which step is parked, in the Web UI too. It also makes the task that parks end with a command:
 * Temporal's replay merges tasks without one, and would deliver an operator's answer before the failure that it is about.
 */
async function park(step: Step, context: StepContext): Promise<boolean> {
  const { run, key } = context;
  const slot = run.mailbox.commands.enter(key, 'parked');
  const parkedKey = `${key} parked`; // A waiting step has a cursor of its own, too.
  const { untilMs } = cursorOf(run.state, parkedKey, () => ({ untilMs: run.effects.now() + parkedLimitMs }));
  try {
    await standing('parked', context, () =>
      run.continuation.waiting(() => {
        const ms = Math.max(0, untilMs - run.effects.now());
        return run.effects.waitUntil(() => slot.command() !== undefined, ms, `parked: ${summaryOf(step)}`);
      }),
    );
    return obey(step, slot.command() ?? parkedForTooLong(context), context);
  } catch (error) {
    fail(step, errorOf(error, context), context, error);
    throw error;
  } finally {
    slot.close();
    Reflect.deleteProperty(run.state.cursors, parkedKey);
  }
}

function parkedForTooLong({ run, stepId }: StepContext): never {
  throw new RunError('TimedOut', stepId, `Step "${stepId}" was parked for a year: ${run.state.errors[stepId] ?? ''}`);
}

/**
 * Does what an operator commands about a step whose work was ended for that. The work may have had its effect: then the step is in doubt,
 * as if it had failed.
 */
function obeyed(step: Step, command: StepCommand, context: StepContext): boolean {
  const { run, frame, key } = context;
  try {
    frame.outputs[step.id] = null;
    if (run.inDoubt.delete(key)) {
      frame.status[step.id] = 'failed'; // The templates of its undo may refer to it.
      rememberDoubt(step, context);
    }
    return obey(step, command, context);
  } catch (error) {
    fail(step, errorOf(error, context), context, error);
    throw error;
  }
}

/** Returns whether the step has ended. Otherwise it is to begin again. */
function obey(step: Step, command: StepCommand, context: StepContext): boolean {
  const { run, frame, stepId, key } = context;
  Reflect.deleteProperty(run.state.cursors, key);
  Reflect.deleteProperty(run.state.errors, stepId);
  run.state.retried = true;
  switch (command.verb) {
    case 'editInput':
      run.state.inputs ??= bare();
      run.state.inputs[key] = command.input;
      frame.status[stepId] = 'pending';
      return false;
    case 'retry':
      beginAgainInside(step, context);
      frame.status[stepId] = 'pending'; // Its guard is evaluated again, since that may be what failed.
      return false;
    case 'skip':
      skipStep(step, frame, run);
      return true;
    case 'setResult':
      skipInside(step, frame, run);
      complete(step, command.result, context);
      return true;
  }
}
