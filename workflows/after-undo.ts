import type { StepError } from './effects.ts';
import { asStepFailure } from './internal-error.ts';
import type { Frame, RunContext } from './run-context.ts';
import { errorInScope, type RunError, RunStopped, withMore } from './run-error.ts';
import { runSteps } from './run-step.ts';
import { allSteps } from '../language/plan.ts';
import { notUndone } from './undo.ts';

/** In the races of undo entries of child runs that `afterUndo` started: nothing undoes them. */
const afterUndoRace = '$afterUndo';

/**
 * Runs the definition's `afterUndo` once a failed run is undone. Nothing interrupts that, not even a cancellation. Resolves to the run's
 * failure, which says so if these steps failed, too. It keeps its type: the first failure is why the run failed.
 */
export async function runAfterUndo(failure: RunError, around: Frame, run: RunContext): Promise<RunError> {
  const { afterUndo } = run.input.definition;
  if (afterUndo === undefined) return failure;
  const { state } = run;
  for (const { id } of allSteps(run.everyStep)) state.outputs[id] ??= null; // These steps may refer to any other.
  const frame: Frame = {
    ...around,
    locals: {
      error: { ...errorInScope({ ...firstFailure(run, failure), step: failure.stepId }), notUndone: notUndone(state) },
    },
    handles: () => true,
    races: [afterUndoRace],
  };
  try {
    await run.continuation.finishing(() => run.effects.shielded(() => runSteps(afterUndo, frame, run)));
    return failure;
  } catch (error) {
    const own = asStepFailure(error, null, run.effects);
    if (own instanceof RunStopped) return failure;
    return withMore(failure, `A step after undoing failed: ${own instanceof Error ? own.message : String(own)}`);
  } finally {
    state.undo = state.undo.filter(({ races }) => !races.includes(afterUndoRace));
    state.doubts = state.undo.filter(({ inDoubt }) => inDoubt).length;
  }
}

/** As it was before failed undos were added to its message. */
function firstFailure({ state }: RunContext, { type, message, answer }: RunError): StepError {
  const { failure = { type, message, ...(answer && { answer }) } } = state;
  return { type: failure.type, message: failure.message, ...(failure.answer && { answer: failure.answer }) };
}
