import { allSteps } from '../../language/plan.ts';
import type { StepStatus, WhileStep } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { holds } from '../evaluate.ts';
import { closeItem, hasItem, itemFrame } from '../frames.ts';
import { contextOf, type Frame, type StepContext } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { bare, cursorOf } from '../run-state.ts';
import { runSteps } from '../run-step.ts';
import { isUnhandled, keepItem, leaveItem } from '../wreck.ts';

interface WhileCursor {
  iteration: number;
  /** Whether the condition held for this iteration and its steps are under way. */
  inside: boolean;
  /** Outputs and statuses of the steps in the last iteration. */
  last: { outputs: JsonObject; status: Record<string, StepStatus> };
}

/**
 * `while`: repeats its steps as long as the condition holds. The condition sees their outputs from the last iteration. The
 * output is `{ iterations }`. Fails with `TooManyIterations` if the condition still holds after `max` iterations.
 */
export async function performWhile(step: WhileStep, context: StepContext): Promise<Json> {
  const { run, key } = context;
  const cursor = cursorOf(run.state, key, begin);
  for (;;) {
    const halted = run.continuation.halt();
    if (halted !== undefined) await halted;
    if (!cursor.inside && !goesOn(step, cursor, context)) return { iterations: cursor.iteration };
    cursor.inside = true;
    await iterate(step, cursor, context);
    cursor.inside = false;
    cursor.iteration += 1;
    run.state.loops[step.id] = { done: cursor.iteration, failed: 0 };
  }
}

function begin(): WhileCursor {
  return { iteration: 0, inside: false, last: { outputs: {}, status: {} } };
}

function goesOn(step: WhileStep, { iteration, last }: WhileCursor, context: StepContext): boolean {
  const { frame } = context;
  const seen: Frame = {
    ...frame,
    suffix: `${frame.suffix}/${iteration}`,
    outputs: { ...frame.outputs, ...last.outputs },
    status: { ...frame.status, ...last.status },
    locals: { ...frame.locals, index: iteration },
  };
  if (!holds(step.while, 'while', contextOf(step, seen, context.run))) return false;
  if (iteration < step.max) return true;
  const message = `Step "${step.id}": the condition still holds after ${step.max} iterations`;
  throw new RunError('TooManyIterations', step.id, message);
}

async function iterate(step: WhileStep, cursor: WhileCursor, { frame, run }: StepContext): Promise<void> {
  const loop = { stepId: step.id, index: cursor.iteration, body: step.do, locals: {} };
  const isResumed = hasItem(run.state, step.id, `${frame.suffix}/${cursor.iteration}`);
  const iteration = itemFrame(frame, run.state, loop);
  const undosBefore = isResumed ? null : run.undosRecorded;
  try {
    await runSteps(step.do, iteration, run);
    cursor.last = ownOf(step, iteration);
    keepItem(step, iteration, undosBefore, run);
  } catch (error) {
    if (isUnhandled(error, iteration)) leaveItem(step, iteration, run);
    throw error;
  } finally {
    closeItem(run.state, step.id, iteration);
  }
}

function ownOf(step: WhileStep, { outputs, status }: Frame): WhileCursor['last'] {
  const own: WhileCursor['last'] = { outputs: bare(), status: bare() };
  for (const { id } of allSteps(step.do)) {
    own.outputs[id] = outputs[id] ?? null;
    own.status[id] = status[id] ?? 'pending';
  }
  return own;
}
