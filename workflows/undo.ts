import { allSteps } from '../language/plan.ts';
import type { Definition, FailurePolicy, Step } from '../language/definition.ts';
import { undoOf } from '../language/verbs.ts';
import { requestOf } from './actions.ts';
import type { StepError } from './effects.ts';
import { type RunContext, type StepContext, summaryOf } from './run-context.ts';
import type { UndoEntry } from './run-state.ts';

/**
 * Records how to undo a step, with its templates filled in now, since the values that they refer to may change. The undo's
 * idempotency key is `<key>/undo`. If a template fails, the step fails although its effect has happened.
 */
export function rememberUndo(step: Step, context: StepContext): void {
  const action = undoOf(step);
  if (action === undefined) return;
  const { key, stepId, frame, run } = context;
  const request = { ...requestOf(action, `undo ${summaryOf(step)}`, context), key: `${key}/undo` };
  run.state.undo.push({ key, stepId, request, races: frame.races });
}

/**
 * Undoes the run's effects that `belongs` selects, last first. An undo that fails for good does not stop the others;
 * `state.undone` records it. Rejects only on a cancellation.
 */
export async function undoAll(run: RunContext, belongs: (entry: UndoEntry) => boolean = () => true): Promise<void> {
  const { state } = run;
  for (;;) {
    const position = state.undo.findLastIndex(belongs);
    const entry = state.undo[position];
    if (entry === undefined) return;
    const halted = run.continuation.halt();
    if (halted !== undefined) await halted;
    const error = await undoOne(entry, run);
    state.undo.splice(state.undo.indexOf(entry), 1);
    state.undone[entry.key] = error === undefined ? 'done' : 'failed';
    const { key, stepId } = entry;
    run.observer.undone?.({ key, stepId, ok: error === undefined, ...(error === undefined ? {} : { error }) });
  }
}

async function undoOne({ request }: UndoEntry, run: RunContext): Promise<StepError | undefined> {
  try {
    await run.effects.call(request);
    return undefined;
  } catch (error) {
    if (run.effects.isCancellation(error)) throw error;
    return run.effects.describe(error);
  }
}

/** What happens when a step fails and nothing around it handles the failure. */
export function failurePolicyOf(definition: Definition): FailurePolicy {
  return definition.onFail ?? (declaresUndo(definition) ? 'undo' : 'fail');
}

/** Whether a canceled run undoes its effects. It does not if the author wants failures left as they are. */
export function undoesOnCancel(definition: Definition): boolean {
  return definition.onFail !== 'fail' && declaresUndo(definition);
}

function declaresUndo(definition: Definition): boolean {
  return allSteps(definition.steps).some((step) => undoOf(step) !== undefined);
}
