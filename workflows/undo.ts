import { undoOf } from '../language/verbs.ts';
import type { Step } from '../language/definition.ts';
import { requestOf } from './actions.ts';
import type { Place, RunContext, StepError } from './run-context.ts';
import type { UndoEntry } from './run-state.ts';
import { summaryOf } from './summary.ts';

/**
 * Notes what takes a step back, its templates filled in now: what they name may have changed by the time it is needed. The
 * effect's own idempotency key is `<key>/undo`. A template that fails fails the step, whose effect has then happened.
 */
export function rememberUndo(step: Step, place: Place): void {
  const action = undoOf(step);
  if (action === undefined) return;
  const { key, stepId, frame, run } = place;
  const request = { ...requestOf(action, `undo ${summaryOf(step)}`, place), key: `${key}/undo` };
  run.state.undo.push({ key, stepId, request, races: frame.races });
}

/**
 * Takes back what was done, the last first; of `belongs` only what it picks. One that fails for good does not keep the others
 * from being undone; `state.undone` tells. Rejects only on a cancellation.
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
