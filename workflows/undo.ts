import { derivedId } from '../language/derived-id.ts';
import { stepsOf } from '../language/plan.ts';
import type { Definition, FailurePolicy, RunInput, Step } from '../language/definition.ts';
import { methodOf, undoOf, undoWhenOf } from '../language/verbs.ts';
import { httpActivity, requestOf } from './actions.ts';
import type { StepError, UndoEntry, Undone } from './effects.ts';
import { type RunContext, sentKeyOf, type StepContext, summaryOf } from './run-context.ts';
import { RunError } from './run-error.ts';
import { bare, type RunState } from './run-state.ts';

/**
 * Records how to undo a step that is done, with the templates filled in now, since the values that they refer to may change. The
 * undo's idempotency key is `<key>/undo`. If a template fails, the step fails, and the undo counts as failed.
 */
export function rememberUndo(step: Step, context: StepContext): void {
  const fault = remember(step, context, false);
  if (fault !== undefined) throw fault;
}

/**
 * Records how to undo a step that failed and is in doubt, if its `undoWhen` says so, or else that its effect is left. Its output is
 * null by now. A template that fails only makes this undo fail.
 */
export function rememberDoubt(step: Step, context: StepContext): void {
  const { key, stepId, run } = context;
  if (undoOf(step) !== undefined && undoWhenOf(step, run.input.localActivities) === 'maybe') {
    remember(step, context, true);
  } else if (!onlyReads(step)) {
    run.state.leftInDoubt ??= bare();
    run.state.leftInDoubt[stepId] = true;
    run.observer.left?.({ key, stepId, inDoubt: true });
  }
}

function onlyReads(step: Step): boolean {
  return 'http' in step && ['GET', 'HEAD'].includes(methodOf(step));
}

/** A step that is done after it was in doubt, since an operator had it retried or gave its result, is not in doubt any more. */
export function forgetLeft({ key, stepId, run }: StepContext): void {
  if (key === stepId && run.state.leftInDoubt) Reflect.deleteProperty(run.state.leftInDoubt, stepId);
}

/** Records that nothing undoes the run's effects. */
export function leaveAll({ state, observer }: RunContext): void {
  for (const { key, stepId, inDoubt } of state.undo) {
    state.undone[key] = { outcome: 'left', inDoubt };
    observer.left?.({ key, stepId, inDoubt });
  }
}

/** The keys of the steps whose undo failed. */
export function failedUndos({ undone }: RunState): string[] {
  return Object.keys(undone).filter((key) => undone[key]?.outcome === 'failed');
}

/** The keys of the steps whose effect stands, or may stand, although the run is over. */
export function notUndone(state: RunState): string[] {
  return Object.entries(allUndone(state)).flatMap(([key, undone]) => (undone?.outcome === 'done' ? [] : [key]));
}

/** What became of the effect of a step, by its key, or its id if it is in doubt without an `undo`; undefined: nothing yet. */
export function undoneOf(key: string, { undone, leftInDoubt }: RunState): Undone | undefined {
  return undone[key] ?? (leftInDoubt?.[key] === true ? { outcome: 'left', inDoubt: true } : undefined);
}

/** The same for all steps. */
export function allUndone(state: RunState): Record<string, Undone | undefined> {
  const keys = [...Object.keys(state.undone), ...Object.keys(state.leftInDoubt ?? {})];
  return Object.fromEntries(keys.map((key) => [key, undoneOf(key, state)]));
}

function remember(step: Step, context: StepContext, inDoubt: boolean): Error | undefined {
  const action = undoOf(step);
  if (action === undefined) return undefined;
  const { key, stepId, frame, run } = context;
  const entry = { key, stepId, inDoubt, races: frame.races };
  try {
    const locals = { ...frame.locals, step: { idempotencyKey: keySentBy(step, context), inDoubt } };
    const request = requestOf(action, `undo ${summaryOf(step)}`, { ...context, frame: { ...frame, locals } });
    recordUndo({ ...entry, request: { ...request, key: `${sentKeyOf(context)}/undo` } }, run);
    return undefined;
  } catch (error) {
    recordUndo({ ...entry, request: null, fault: faultOf(error, run) }, run);
    return error as Error; // Evaluating throws nothing else.
  }
}

/** A step that is retried, or is part of a loop that is, has two outcomes; the later one counts. Most runs retry no step. */
export function recordUndo(entry: UndoEntry, run: RunContext): void {
  const { state } = run;
  const earlier = state.retried === true ? state.undo.findLastIndex(({ key }) => key === entry.key) : -1;
  if (earlier >= 0) state.doubts -= state.undo.splice(earlier, 1)[0]?.inDoubt === true ? 1 : 0;
  if (entry.inDoubt) state.doubts += 1;
  state.undo.push(entry);
  run.undosRecorded += 1;
}

/** The key by which the receiver of the step's effect knows it: for HTTP, the value of the header `Idempotency-Key`. */
function keySentBy(step: Step, context: StepContext): string {
  const own = `${context.run.runId}/${sentKeyOf(context)}`;
  const isHttp = 'http' in step || ('call' in step && step.call === httpActivity);
  return isHttp ? derivedId('req', own) : own;
}

function faultOf(error: unknown, { effects }: RunContext): StepError {
  return error instanceof RunError ? { type: error.type, message: error.message } : effects.describe(error);
}

/**
 * Undoes the run's effects that `belongs` selects, last first. An undo that fails for good does not stop the others;
 * `state.undone` records it. What was undone has another key from now on. `by`: see `RunState.undoneBy`. Rejects only on a cancellation.
 */
export async function undoAll(
  run: RunContext,
  by: string | null = null,
  belongs: (entry: UndoEntry) => boolean = () => true,
): Promise<void> {
  const { state } = run;
  for (;;) {
    const position = state.undo.findLastIndex(belongs);
    const entry = state.undo[position];
    if (entry === undefined) return;
    const halted = run.continuation.halt();
    if (halted !== undefined) await halted;
    const { key, stepId, inDoubt } = entry;
    run.undoing.set(key, { entry, by });
    const error = await undoOne(entry, run);
    run.undoing.delete(key);
    state.undo.splice(state.undo.indexOf(entry), 1);
    if (inDoubt) state.doubts -= 1;
    state.undone[key] = { outcome: error === undefined ? 'done' : 'failed', inDoubt };
    (state.undoneBy ??= bare())[key] = by;
    if (error === undefined) nextGeneration(key, state);
    else (state.undoFailed ??= []).push(entry);
    run.observer.undone?.({ key, stepId, inDoubt, ok: error === undefined, ...(error === undefined ? {} : { error }) });
  }
}

function nextGeneration(key: string, state: RunState): void {
  state.generations ??= bare();
  state.generations[key] = (state.generations[key] ?? 1) + 1;
}

/** In the races of an undo entry: it belongs to a group that is undone at its deadline. Also in `RunState.undoneBy`. */
export function groupOf(key: string): string {
  return `${key}@deadline`;
}

/**
 * The state of a run that has ended. If it was terminated amid an undo, nobody knows whether the effect still stands, as if the undo had
 * failed.
 */
export function withUndosUnderWay({ state, undoing }: RunContext): RunState {
  if (undoing.size === 0) return state;
  const left = [...undoing.values()];
  return {
    ...state,
    undo: state.undo.filter(({ key }) => !undoing.has(key)),
    undoFailed: [...(state.undoFailed ?? []), ...left.map(({ entry }) => entry)],
    undoneBy: { ...state.undoneBy, ...Object.fromEntries(left.map(({ entry, by }) => [entry.key, by])) },
  };
}

async function undoOne({ request, fault }: UndoEntry, run: RunContext): Promise<StepError | undefined> {
  if (request === null) return fault;
  try {
    await run.effects.call(request);
    return undefined;
  } catch (error) {
    if (run.effects.isCanceled()) throw run.effects.cancellation();
    return run.effects.describe(error);
  }
}

type Children = RunInput['children'];

/** What happens when a step fails and nothing around it handles the failure. */
export function failurePolicyOf(definition: Definition, children?: Children): FailurePolicy {
  const { onFail, onPoison } = definition;
  if (onPoison === 'park') return 'park';
  return onFail ?? (declaresUndo(definition, children) ? 'undo' : 'fail');
}

/** Whether a canceled run undoes its effects. It does not if the author wants failures left as they are. */
export function undoesOnCancel(definition: Definition, children?: Children): boolean {
  return definition.onFail !== 'fail' && declaresUndo(definition, children);
}

/** Whether any step has an `undo`, or one of a definition whose runs hand theirs up. Definitions may run each other in a circle. */
export function declaresUndo(definition: Definition, children: Children = {}, seen = new Set<string>()): boolean {
  if (seen.has(definition.name)) return false;
  seen.add(definition.name);
  const { steps, onTimeout } = definition;
  return stepsOf({ steps, ...(onTimeout !== undefined && { onTimeout }) }).some((step) => {
    if (undoOf(step) !== undefined) return true;
    if (!('run' in step) || step.detach === true || !Object.hasOwn(children, step.run)) return false;
    const child = children[step.run];
    return child !== undefined && declaresUndo(child.definition, children, seen);
  });
}
