import type { RunStep } from '../../language/definition.ts';
import { ownMember, type Json, type JsonObject } from '../../language/json.ts';
import type { Rescue } from '../../language/rescue.ts';
import type { ChildRequest, ChildResult, StartedChild, UndoEntry } from '../effects.ts';
import { renderNames } from '../evaluate.ts';
import { sentKeyOf, type StepContext, summaryOf } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { bare, cursorOf } from '../run-state.ts';
import { recordUndo, undoesOnCancel } from '../undo.ts';

interface RunCursor {
  vars: JsonObject;
  /** The other run; null before it has started. */
  started: StartedChild | null;
}

/**
 * `run`: runs another definition for the same event. The output is that run's, or `{ workflowId }` if it is detached. What the
 * other run has done is undone with this one, unless the step has an `undo` of its own.
 */
export async function performRun(step: RunStep, context: StepContext): Promise<Json> {
  const { run, key, stepId } = context;
  const { effects, state } = run;
  const sentKey = sentKeyOf(context);
  const rescue = rescueOf(sentKey, context);
  const detach = step.detach === true;
  const cursor = cursorOf(run.state, key, (): RunCursor => ({ vars: renderNames(step.with, context), started: null }));
  const request: ChildRequest = {
    ...{ key: sentKey, stepId, definition: step.run, vars: cursor.vars, summary: summaryOf(step), detach },
    ...(rescue && { rescue }),
  };
  try {
    cursor.started ??= await effects.startChild(request);
    const { started } = cursor;
    if (detach) return { workflowId: started.workflowId };
    state.childRuns ??= bare();
    state.childRuns[key] = started.workflowId;
    const { output, undo } = await run.continuation.waiting(() => resultOf(started, request, step, context));
    if (step.undo === undefined) takeOver(undo, step, context);
    if (undo.length === 0 || step.undo !== undefined) Reflect.deleteProperty(state.childRuns, key);
    return output;
  } catch (error) {
    if (effects.isCanceled()) throw effects.isCancellation(error) ? error : effects.cancellation();
    throw failureOf(error, request, context);
  }
}

/** How the other run goes on, or under which keys it begins, if this one goes on from a run that has ended. */
function rescueOf(sentKey: string, { run, key }: StepContext): Rescue | undefined {
  const { rescue } = run.input;
  if (rescue === undefined) return undefined;
  const own = ownMember(rescue.children, key) ?? { of: null, ended: null };
  return { ...own, keys: `${rescue.keys}/${sentKey}` };
}

/** A run that is too large to continue as new ends its waits with an error of its own, so what the other run leaves is noted here. */
async function resultOf(
  started: StartedChild,
  request: ChildRequest,
  step: RunStep,
  context: StepContext,
): Promise<ChildResult> {
  const { effects, inDoubt } = context.run;
  try {
    return await effects.childResult(request, started);
  } catch (error) {
    if (effects.isInDoubt(error) && !hasUndoneItself(error, step, context)) inDoubt.add(context.key);
    throw error;
  }
}

/** The other run's undo becomes this run's, under the idempotency keys and the definition that it would have had there. */
function takeOver(undo: UndoEntry[], step: RunStep, context: StepContext): void {
  const { run, key, frame } = context;
  const sentKey = sentKeyOf(context);
  const definition = ownMember(run.input.children, step.run)?.definitionHash;
  for (const entry of undo) {
    const request = entry.request && {
      ...(definition !== undefined && { definition }),
      ...entry.request,
      key: `${sentKey}/${entry.request.key}`,
    };
    recordUndo({ ...entry, key: `${key}/${entry.key}`, request, races: frame.races }, run);
  }
}

/** A canceled run does, unless its author does not want it. What a failed one has left is in its failure. */
function hasUndoneItself(error: unknown, step: RunStep, { run }: StepContext): boolean {
  const child = ownMember(run.input.children, step.run);
  const wasCanceled = run.effects.isCancellation(error) || run.effects.describe(error).type === 'ChildCanceled';
  return wasCanceled && child !== undefined && undoesOnCancel(child.definition, run.input.children);
}

function failureOf(error: unknown, { definition }: ChildRequest, { run, stepId }: StepContext): RunError {
  const { type, message } = run.effects.describe(error);
  return new RunError(type, stepId, `Step "${stepId}" (run ${definition}) failed: ${message}`, { cause: error });
}
