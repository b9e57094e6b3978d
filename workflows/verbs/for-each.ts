import type { ForEachStep, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { runLimits } from '../../language/verbs.ts';
import { render } from '../evaluate.ts';
import { closeItem, hasItem, itemFrame } from '../frames.ts';
import { runPool, type Part } from '../pool.ts';
import { contextOf, type Frame, type RunContext, type StepContext } from '../run-context.ts';
import { type Caught, caughtFrom, errorInScope, RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps } from '../run-step.ts';
import { clearWreck, isUnhandled, keepItem, leaveItem } from '../wreck.ts';
import { allFailed, frameIn, undoLosers } from './join.ts';

interface ForEachCursor {
  /** Null: to be evaluated again, in a run that goes on from one that had done with them. */
  items: Json[] | null;
  /** The first index that has not begun. */
  next: number;
  /** Indices that have begun but not ended. */
  open: number[];
  /** Indices that a failure or a cancellation has ended, for a run that goes on from this one. */
  broken?: number[];
  done: number;
  failed: { index: number; error: { type: string; message: string; step: string | null } }[];
  /** One entry for each item if there is a `collect`; else empty. */
  results: Json[];
  winner?: number;
  /** What the steps of `onItemError` handle, by the index of the item, while they run. */
  caught?: Record<number, Caught>;
}

/** `forEach`: runs the steps of `do` for each item, up to `concurrency` at once, joined as `join` says. */
export async function performForEach(step: ForEachStep, context: StepContext): Promise<Json> {
  const { run, key } = context;
  const { join = 'all', concurrency = 1 } = step.forEach;
  const cursor = cursorOf(run.state, key, () => begin(step, context));
  const items = (cursor.items ??= listOf(step, context));
  cursor.open = cursor.open.filter((index) => index < items.length);
  const resumed = [...cursor.open];
  count(step, cursor, context);
  if (join !== 'first' || cursor.winner === undefined) {
    const next = () => nextOf(step, cursor, resumed, context);
    const isDecided = () => join === 'first' && cursor.winner !== undefined;
    const failsAtOnce = join === 'all';
    await runPool({ next, concurrency: Math.min(concurrency, items.length), failsAtOnce, isDecided }, run);
  }
  if (join === 'first' && items.length > 0) {
    if (cursor.winner === undefined) throw allFailed(step.id, 'items', items.length);
    await undoLosers(context, [cursor.winner]);
  }
  const { done, failed, results } = cursor;
  return { count: items.length, done, failed, results };
}

function begin(step: ForEachStep, context: StepContext): ForEachCursor {
  const items = listOf(step, context);
  const results = step.forEach.collect === undefined ? [] : items.map(() => null);
  return { items, next: 0, open: [], done: 0, failed: [], results };
}

function listOf(step: ForEachStep, context: StepContext): Json[] {
  const items = render(step.forEach.in, context);
  if (!Array.isArray(items)) {
    const got = items === null ? 'null' : typeof items;
    throw new RunError('ExpressionFailed', step.id, `Step "${step.id}": forEach expects a list in "in", got ${got}`);
  }
  if (items.length > runLimits.items) {
    throw new RunError(
      'TooLarge',
      step.id,
      `Step "${step.id}": forEach takes at most ${runLimits.items} items, got ${items.length}`,
    );
  }
  return items;
}

/** Items that were open when the run continued as new are first. */
function nextOf(step: ForEachStep, cursor: ForEachCursor, resumed: number[], context: StepContext): Part | undefined {
  const count = cursor.items?.length ?? 0;
  const index = resumed.shift() ?? (cursor.next < count ? cursor.next++ : undefined);
  if (index === undefined) return undefined;
  if (!cursor.open.includes(index)) cursor.open.push(index);
  return { work: () => runItem(step, index, cursor, context) };
}

async function runItem(step: ForEachStep, index: number, cursor: ForEachCursor, context: StepContext): Promise<void> {
  const { run } = context;
  const isResumed = hasItem(run.state, step.id, `${context.frame.suffix}/${index}`);
  const frame = frameOf(step, index, cursor, context);
  const undosBefore = isResumed ? null : run.undosRecorded;
  try {
    await runBody(step, index, cursor, frame, context);
    if (step.forEach.collect !== undefined) cursor.results[index] = collected(step, frame, context);
    cursor.done += 1;
    cursor.winner ??= index;
    for (const each of step.do) clearWreck(each, contextOf(each, frame, run));
    keepItem(step, frame, undosBefore, run);
    forgetCaught(index, cursor);
  } catch (error) {
    if (isUnhandled(error, frame)) {
      leaveItem(step, frame, run);
      (cursor.broken ??= []).push(index);
    } else forgetCaught(index, cursor);
    if (!(error instanceof RunError)) throw error;
    const { type, message, stepId } = error;
    cursor.failed.push({ index, error: { type, message, step: stepId } });
    if (step.forEach.onItemError !== 'continue' || step.forEach.join === 'first') throw error;
  } finally {
    cursor.open.splice(cursor.open.indexOf(index), 1);
    closeItem(run.state, step.id, frame);
    count(step, cursor, context);
  }
}

function frameOf(step: ForEachStep, index: number, cursor: ForEachCursor, context: StepContext): Frame {
  const { as, join, onItemError = 'fail' } = step.forEach;
  const item = cursor.items?.[index] ?? null;
  const around = frameIn(context, join, index);
  const locals = { item, ...(as === undefined ? {} : { [as]: item }) };
  const body = [...step.do, ...(Array.isArray(onItemError) ? onItemError : [])];
  const frame = itemFrame(around, context.run.state, { stepId: step.id, index, body, locals });
  if (onItemError === 'continue') frame.handles = () => true;
  return frame;
}

/** Runs the steps for one item and, if they fail, the steps of `onItemError`, whose own failures nothing in the loop handles. */
async function runBody(
  step: ForEachStep,
  index: number,
  cursor: ForEachCursor,
  frame: Frame,
  { run }: StepContext,
): Promise<void> {
  const { onItemError } = step.forEach;
  if (!Array.isArray(onItemError)) return runSteps(step.do, frame, run);
  const caught = cursor.caught?.[index] ?? (await failureOfItem(step.do, frame, run));
  if (caught === null) return;
  (cursor.caught ??= {})[index] = caught;
  await runSteps(onItemError, { ...frame, locals: { ...frame.locals, error: errorInScope(caught) } }, run);
}

/** Null: the steps were done. */
async function failureOfItem(steps: Step[], frame: Frame, run: RunContext): Promise<Caught | null> {
  try {
    await runSteps(steps, { ...frame, handles: () => true }, run);
    return null;
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return caughtFrom(error);
  }
}

function forgetCaught(index: number, { caught }: ForEachCursor): void {
  if (caught !== undefined) Reflect.deleteProperty(caught, index);
}

function collected(step: ForEachStep, frame: Frame, { run }: StepContext): Json {
  return render(step.forEach.collect ?? null, contextOf(step, frame, run));
}

function count({ id }: ForEachStep, { items, done, failed }: ForEachCursor, { run }: StepContext): void {
  run.state.loops[id] = { count: items?.length ?? 0, done, failed: failed.length };
}
