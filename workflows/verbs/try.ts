import type { Step, TryStep } from '../../language/definition.ts';
import type { Frame, Place, StepError } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** Which part is under way. `caught` is what the `catch` at that position handles. */
interface TryCursor {
  part: 'try' | 'catch' | 'finally';
  caught?: StepError & { step: string | null; position: number };
  /** What is thrown after `finally`. */
  uncaught?: StepError & { step: string | null };
}

/**
 * `try`: what fails inside is handled by the first `catch` that names its type or none; `finally` runs in any case. Handlers that
 * were not needed are skipped. What was done inside stays done, and is undone where the run fails later. The output is null.
 */
export async function performTry(step: TryStep, place: Place): Promise<null> {
  const { run, key } = place;
  const cursor = cursorOf(run.state, key, (): TryCursor => ({ part: 'try' }));
  try {
    await runHandled(step, cursor, place);
  } catch (error) {
    if (step.finally === undefined) throw error;
    skipRest(step, place);
    if (!(error instanceof RunError)) {
      await run.continuation.unbroken(() => run.effects.shielded(() => runFinally(step.finally, place)));
      throw error;
    }
    cursor.uncaught = { type: error.type, message: error.message, step: error.stepId };
  }
  cursor.part = 'finally';
  await runFinally(step.finally, place);
  if (cursor.uncaught !== undefined) throw errorOf(cursor.uncaught);
  return null;
}

async function runHandled(step: TryStep, cursor: TryCursor, place: Place): Promise<void> {
  const { frame, run } = place;
  if (cursor.part === 'try') {
    try {
      const handles = (type: string) => frame.handles(type) || handlerFor(step, type) >= 0;
      await runSteps(step.try, { ...frame, handles }, run);
      for (const each of step.catch ?? []) skipAll(each.do, place);
      return;
    } catch (error) {
      const caught = caughtBy(step, error);
      if (caught === undefined) throw error;
      cursor.caught = caught;
      cursor.part = 'catch';
      skipOthers(step, caught.position, place);
    }
  }
  const { part, caught } = cursor;
  if (part !== 'catch' || caught === undefined) return;
  const error = { type: caught.type, message: caught.message, step: caught.step };
  const around: Frame = { ...frame, locals: { ...frame.locals, error } };
  await runSteps(step.catch?.[caught.position]?.do ?? [], around, run);
}

function caughtBy(step: TryStep, error: unknown): TryCursor['caught'] {
  if (!(error instanceof RunError)) return undefined;
  const { type, message, stepId } = error;
  const position = handlerFor(step, type);
  return position < 0 ? undefined : { type, message, step: stepId, position };
}

/** The position of the `catch` that handles such a failure; -1: none does. */
function handlerFor(step: TryStep, type: string): number {
  return (step.catch ?? []).findIndex(({ errors }) => errors?.includes(type) ?? true);
}

/** Steps of `try` that the failure kept from running, and the handlers that are not for it. */
function skipOthers(step: TryStep, position: number, place: Place): void {
  skipAll(step.try, place);
  for (const [other, each] of (step.catch ?? []).entries()) if (other !== position) skipAll(each.do, place);
}

function skipRest(step: TryStep, place: Place): void {
  skipAll(step.try, place);
  for (const each of step.catch ?? []) skipAll(each.do, place);
}

/** Of the steps and those below, the ones that have not begun. */
function skipAll(steps: Step[], { frame, run }: Place): void {
  for (const step of steps) if (frame.status[step.id] === 'pending') skipStep(step, frame, run);
}

async function runFinally(steps: Step[] | undefined, { frame, run }: Place): Promise<void> {
  await runSteps(steps ?? [], frame, run);
}

function errorOf({ type, message, step }: NonNullable<TryCursor['uncaught']>): RunError {
  return new RunError(type, step, message);
}
