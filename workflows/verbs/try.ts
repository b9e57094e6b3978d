import type { Step, TryStep } from '../../language/definition.ts';
import type { Frame, StepContext } from '../run-context.ts';
import { type Caught, caughtFrom, errorInScope, RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps, skipStep, skipUnreached } from '../run-step.ts';

/** Which part is under way. `caught` is what the `catch` at that position handles. */
interface TryCursor {
  part: 'try' | 'catch' | 'finally';
  caught?: Caught & { position: number };
  /** Thrown after `finally`. */
  uncaught?: Caught;
}

/**
 * `try`: the first `catch` that names a failure's type, or no type, handles it. `finally` runs in any case, to its end: a
 * cancellation does not reach it. Handlers that are not needed are skipped. Effects inside stay, and are undone if the run fails later. The output is null.
 */
export async function performTry(step: TryStep, context: StepContext): Promise<null> {
  const { run, key } = context;
  const cursor = cursorOf(run.state, key, (): TryCursor => ({ part: 'try' }));
  try {
    await runHandled(step, cursor, context);
  } catch (error) {
    if (step.finally === undefined) throw error;
    skipRest(step, context);
    if (!(error instanceof RunError)) {
      const release = run.continuation.hold(); // The next run would not know of the stop or the cancellation.
      try {
        await runFinally(step.finally, context);
      } finally {
        release();
      }
      throw error;
    }
    cursor.uncaught = caughtFrom(error);
  }
  cursor.part = 'finally';
  if (step.finally !== undefined) await runFinally(step.finally, context);
  if (cursor.uncaught !== undefined) throw errorOf(cursor.uncaught);
  return null;
}

async function runHandled(step: TryStep, cursor: TryCursor, context: StepContext): Promise<void> {
  const { frame, run } = context;
  if (cursor.part === 'try') {
    try {
      const handles = (type: string) => frame.handles(type) || handlerFor(step, type) >= 0;
      await runSteps(step.try, { ...frame, handles }, run);
      for (const each of step.catch ?? []) skipAll(each.do, context);
      return;
    } catch (error) {
      const caught = caughtBy(step, error);
      if (caught === undefined) throw error;
      cursor.caught = caught;
      cursor.part = 'catch';
      skipOthers(step, caught.position, context);
    }
  }
  const { part, caught } = cursor;
  if (part !== 'catch' || caught === undefined) return;
  const around: Frame = { ...frame, locals: { ...frame.locals, error: errorInScope(caught) } };
  await runSteps(step.catch?.[caught.position]?.do ?? [], around, run);
}

function caughtBy(step: TryStep, error: unknown): TryCursor['caught'] {
  if (!(error instanceof RunError)) return undefined;
  const position = handlerFor(step, error.type);
  return position < 0 ? undefined : { ...caughtFrom(error), position };
}

/** The position of the `catch` that handles failures of this type, or -1. */
function handlerFor(step: TryStep, type: string): number {
  return (step.catch ?? []).findIndex(({ errors }) => errors?.includes(type) ?? true);
}

/** Skips the steps of `try` that did not run because of the failure, and the other handlers. */
function skipOthers(step: TryStep, position: number, context: StepContext): void {
  skipAll(step.try, context);
  for (const [other, each] of (step.catch ?? []).entries()) if (other !== position) skipAll(each.do, context);
}

function skipRest(step: TryStep, context: StepContext): void {
  const { frame, run } = context;
  for (const each of step.try) if (frame.status[each.id] === 'pending') skipUnreached(each, frame, run);
  for (const each of step.catch ?? []) skipAll(each.do, context);
}

/** Skips the steps that have not begun, with everything inside them. */
function skipAll(steps: Step[], { frame, run }: StepContext): void {
  for (const step of steps) if (frame.status[step.id] === 'pending') skipStep(step, frame, run);
}

/** Shielded, since a cancellation may also arrive while `finally` is under way. It takes effect afterwards. */
async function runFinally(steps: Step[], { frame, run }: StepContext): Promise<void> {
  await run.continuation.finishing(() => run.effects.shielded(() => runSteps(steps, frame, run)));
}

function errorOf({ type, message, step, answer }: Caught): RunError {
  return new RunError(type, step, message, answer && { answer });
}
