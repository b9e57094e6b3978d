import { allSteps } from '../language/plan.ts';
import type { Step, StepStatus } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { verbOf } from '../language/verbs.ts';
import { holds } from './evaluate.ts';
import { failurePolicyOf } from './failure-policy.ts';
import type { SteerCommand } from './mailbox.ts';
import { parkedLimitMs } from './parked-limit.ts';
import { placeOf, type Frame, type Place, type RunContext, type StepError } from './run-context.ts';
import { RunError, RunStopped } from './run-error.ts';
import { cursorOf } from './run-state.ts';
import { summaryOf } from './summary.ts';
import { rememberUndo } from './undo.ts';
import { performStep } from './verbs/perform-step.ts';
import { timedOut } from './verbs/timed-out.ts';

/** Runs a list of steps in order. What had ended before the run continued as new is not run again. */
export async function runSteps(steps: Step[], frame: Frame, run: RunContext): Promise<void> {
  for (const step of steps) {
    if (hasEnded(frame.status[step.id])) continue;
    const halted = run.continuation.halt();
    if (halted !== undefined) await halted;
    await runStep(step, frame, run);
  }
}

/**
 * Runs one step. Rejects where it fails and nothing handles that: with a {@link RunError}, a cancellation or a stop. One async
 * function where all goes well: for each promise that a workflow makes, Temporal's SDK records a stack trace.
 */
export async function runStep(step: Step, frame: Frame, run: RunContext): Promise<void> {
  if (hasEnded(frame.status[step.id])) return;
  const place = placeOf(step, frame, run);
  run.state.startedAt[step.id] = run.effects.now();
  if (frame.status[step.id] === 'parked' && (await park(step, place))) return;
  for (;;) {
    try {
      if (isSkippedByGuard(step, place)) return skipStep(step, frame, run);
      if (frame.status[step.id] !== 'running') mark('running', place);
      return finish(step, await performStep(step, place), place);
    } catch (error) {
      if (await parkOrFail(step, error, place)) return;
      run.uuids.delete(place.key);
    }
  }
}

/** Marks the step and all below it as skipped; their outputs are null. */
export function skipStep(step: Step, frame: Frame, run: RunContext): void {
  for (const each of allSteps([step])) end('skipped', null, placeOf(each, frame, run));
}

function finish(step: Step, output: Json | typeof timedOut, place: Place): void {
  if (output === timedOut) end('timedOut', null, place);
  else complete(step, output, place);
}

/** Rejects with the error, or parks the step; then resolves to whether it has ended: false, where it shall be tried again. */
async function parkOrFail(step: Step, error: unknown, place: Place): Promise<boolean> {
  if (error instanceof RunStopped) {
    end('done', null, place);
    throw error;
  }
  const failure = errorOf(error, place);
  if (failure === undefined || !shallPark(step, error, place)) {
    fail(failure, place);
    throw error;
  }
  place.run.state.errors[step.id] = failure.message;
  mark('parked', place, { error: failure });
  return park(step, place);
}

/** Once it is `running`, its guard has held: the run may have continued as new since. */
function isSkippedByGuard(step: Step, place: Place): boolean {
  if ('then' in step || step.if === undefined || place.frame.status[step.id] === 'running') return false;
  return !holds(step.if, 'if', place);
}

function complete(step: Step, output: Json, place: Place): void {
  const { frame, stepId } = place;
  frame.outputs[stepId] = output; // Its own `undo` sees it.
  rememberUndo(step, place);
  end('done', output, place);
}

function end(status: StepStatus, output: Json, place: Place): void {
  const { run, frame, stepId, key } = place;
  frame.outputs[stepId] = output;
  Reflect.deleteProperty(run.state.cursors, key);
  run.state.endedAt[stepId] = run.effects.now();
  mark(status, place, { output });
}

function fail(error: StepError | undefined, place: Place): void {
  const { run, frame, stepId, key } = place;
  if (error !== undefined) run.state.errors[stepId] = error.message;
  frame.outputs[stepId] = null; // Whoever handles the failure may look at it.
  Reflect.deleteProperty(run.state.cursors, key);
  run.state.endedAt[stepId] = run.effects.now();
  mark(error === undefined ? 'canceled' : 'failed', place, error === undefined ? {} : { error });
}

function mark(status: StepStatus, place: Place, details: { output?: Json; error?: StepError } = {}): void {
  const { run, frame, stepId, key } = place;
  frame.status[stepId] = status;
  run.state.status[stepId] = status;
  run.observer.changed?.({ key, stepId, status, ...details });
}

/** Undefined for a cancellation. */
function errorOf(error: unknown, { run }: Place): StepError | undefined {
  if (run.effects.isCancellation(error)) return undefined;
  // Beside the step's name in a list, only what went wrong is of interest.
  if (error instanceof RunError)
    return {
      type: error.type,
      message: error.cause === undefined ? error.message : run.effects.describe(error.cause).message,
    };
  return run.effects.describe(error);
}

/* A parked step: its run stays open until an operator says how it goes on. */

/** Only where nothing around handles the failure. A `fail` step fails because its author says so. */
function shallPark(step: Step, error: unknown, { run, frame }: Place): boolean {
  if (!(error instanceof RunError) || error.stepId !== step.id || frame.handles(error.type)) return false;
  return verbOf(step) !== 'fail' && failurePolicyOf(run.input.definition) === 'park';
}

/**
 * The timer shows operators, in the Web UI too, which step is parked. And it makes the task that parks end with a command:
 * Temporal's replay merges tasks without one, and then hands over an operator's answer before the failure that it is about.
 */
async function park(step: Step, place: Place): Promise<boolean> {
  const { run, key } = place;
  const slot = run.mailbox.parked.open(key);
  const parkedKey = `${key} parked`; // A waiting step has a cursor of its own, too.
  const { untilMs } = cursorOf(run.state, parkedKey, () => ({ untilMs: run.effects.now() + parkedLimitMs }));
  try {
    await run.continuation.waiting(() => {
      const ms = Math.max(0, untilMs - run.effects.now());
      return run.effects.waitUntil(() => slot.answer() !== undefined, ms, `parked: ${summaryOf(step)}`);
    });
    return resume(step, slot.answer(), place);
  } catch (error) {
    fail(errorOf(error, place), place);
    throw error;
  } finally {
    slot.close();
    Reflect.deleteProperty(run.state.cursors, parkedKey);
  }
}

function resume(step: Step, command: SteerCommand | undefined, place: Place): boolean {
  const { run, frame, stepId, key } = place;
  if (command === undefined) {
    throw new RunError('TimedOut', stepId, `Step "${stepId}" was parked for a year: ${run.state.errors[stepId] ?? ''}`);
  }
  Reflect.deleteProperty(run.state.cursors, key);
  Reflect.deleteProperty(run.state.errors, stepId);
  if (command.kind === 'retry') {
    frame.status[stepId] = 'pending'; // Its guard is asked again: the failure may have been the guard's.
    return false;
  }
  if (command.kind === 'skip') skipStep(step, frame, run);
  else complete(step, command.result, place);
  return true;
}

function hasEnded(status: StepStatus | undefined): boolean {
  return status === 'done' || status === 'skipped' || status === 'timedOut';
}
