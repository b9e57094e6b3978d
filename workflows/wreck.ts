import { allSteps } from '../language/plan.ts';
import type { Step } from '../language/definition.ts';
import { jsonBytes } from '../language/well-formed.ts';
import type { Frame, RunContext, StepContext } from './run-context.ts';
import { RunError } from './run-error.ts';
import { bare, type RunState, type Wreck } from './run-state.ts';
import { groupOf } from './undo.ts';

/*
 * What a run keeps for another one that goes on from it: how far steps got that failed or were canceled, which were not reached for that, and what items of loops gave whose
 * effects may be undone. A run in which all goes well keeps nothing of it.
 */

/** Bytes of the items that are done. The steps of others would be requested once more, under the same keys. */
const mostKept = 100_000;

/** Whether a failure ends the run, as far as the step can tell. That of a canceled step may. */
export function isUnhandled(error: unknown, { handles }: Frame): boolean {
  return !(error instanceof RunError) || !handles(error.type);
}

/** Takes a step's cursor out of the state, and keeps it if the step is to go on from there in another run. */
export function leaveCursor(error: unknown, { key, frame, run: { state } }: StepContext): void {
  const cursor = state.cursors[key];
  Reflect.deleteProperty(state.cursors, key);
  if (cursor !== undefined && isUnhandled(error, frame)) wreckOf(state).cursors[key] = cursor;
}

/** Notes that a step is skipped because of what happened before it. Another run reaches it all the same. */
export function leaveSkipped({ id }: Step, { suffix }: Frame, { state }: RunContext): void {
  wreckOf(state).skipped[`${id}${suffix}`] = true;
}

/** Ends an item of a loop whose steps failed or were canceled. */
export function leaveItem(step: Step, item: Frame, { state }: RunContext): void {
  wreckOf(state).items[`${step.id}${item.suffix}`] = insideOf(step, item);
}

/**
 * Ends an item of a loop that is done. Only those are kept that a run which goes on from this one may have to go through again: whose effects may
 * be undone, or which set variables. `undosBefore`: how many undo entries had been recorded when it began; null: it began before the run
 * continued as new.
 */
export function keepItem(step: Step, item: Frame, undosBefore: number | null, run: RunContext): void {
  if (run.undosRecorded === undosBefore && !setsVariables(step)) return;
  keep(`${step.id}${item.suffix}`, insideOf(step, item), item, run);
}

/**
 * Nothing goes on from within a step that has ended well. But if the run undoes it, it begins again: then the items count that a lost race, or a
 * deadline, has cut off in it.
 */
export function clearWreck(step: Step, { frame, run }: StepContext): void {
  const { suffix } = frame;
  const { wreck } = run.state;
  if (wreck === undefined) return;
  const inside = new Set(allSteps([step]).map(({ id }) => id));
  for (const members of [wreck.cursors, wreck.items, wreck.skipped]) {
    for (const key of Object.keys(members)) {
      const [id = ''] = key.split(/[/ ]/, 1);
      const isInFrame = `${key.slice(id.length).replace(' ', '/')}/`.startsWith(`${suffix}/`);
      if (!inside.has(id) || !isInFrame) continue;
      const item = wreck.items[key];
      if (members === wreck.items && item !== undefined) keep(key, item, frame, run);
      Reflect.deleteProperty(members, key);
    }
  }
}

/** Not if nothing undoes the item's steps: neither the run's end nor something around them. */
function keep(key: string, item: RunState['items'][string], { races }: Frame, { state, input }: RunContext): void {
  if (input.definition.onFail === 'fail' && races.length === 0) return;
  const kept = (state.kept ??= { items: bare(), bytes: 0 });
  const former = kept.items[key];
  if (former !== undefined) kept.bytes -= jsonBytes(former);
  Reflect.deleteProperty(kept.items, key); // It may tell of what was undone since.
  const bytes = jsonBytes(item);
  if (kept.bytes + bytes > mostKept) return;
  kept.bytes += bytes;
  kept.items[key] = item;
}

/**
 * Prepares the steps inside of one that an operator has retried: those that were not reached are to run, and if it is a group that has undone
 * its effects, all of them are.
 */
export function beginAgainInside(step: Step, { key, frame, run: { state } }: StepContext): void {
  const { undoneBy = {}, wreck } = state;
  const undone = Object.keys(undoneBy).filter((each) => undoneBy[each] === groupOf(key));
  for (const each of undone) Reflect.deleteProperty(undoneBy, each);
  for (const { id } of allSteps([step]).slice(1)) {
    const own = `${id}${frame.suffix}`;
    if (undone.length === 0 && wreck?.skipped[own] !== true) continue;
    if (wreck !== undefined) Reflect.deleteProperty(wreck.skipped, own);
    frame.status[id] = 'pending';
    Reflect.deleteProperty(frame.outputs, id);
  }
}

function setsVariables(step: Step): boolean {
  return 'while' in step || allSteps([step]).some((each) => 'set' in each);
}

function wreckOf(state: RunState): Wreck {
  return (state.wreck ??= { cursors: bare(), items: bare(), skipped: bare() });
}

function insideOf(step: Step, { outputs, status }: Frame): RunState['items'][string] {
  const ids = allSteps([step])
    .slice(1)
    .map(({ id }) => id);
  const own: RunState['items'][string] = { outputs: bare(), status: bare() };
  for (const id of ids) {
    if (Object.hasOwn(outputs, id)) own.outputs[id] = outputs[id] ?? null;
    own.status[id] = status[id] ?? 'pending';
  }
  return own;
}
