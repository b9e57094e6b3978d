import type { ParallelStep, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { runPool, type Part } from '../pool.ts';
import type { StepContext, StepOutput } from '../run-context.ts';
import { RunError } from '../run-error.ts';
import { cursorOf } from '../run-state.ts';
import { runStep } from '../run-step.ts';
import { performGroup } from './do.ts';
import { allFailed, frameIn, undoLosers } from './join.ts';

interface ParallelCursor {
  /** Step ids in the order in which they ended. */
  done: string[];
  failed: string[];
  /** With a quorum: the branches that ended without counting, since they were skipped or timed out. */
  uncounted?: string[];
}

/** `parallel`: runs all branches at once, joined as `join` says. The output is `{ done, failed }`. */
export function performParallel(step: ParallelStep, context: StepContext): Promise<StepOutput> {
  return performGroup(step, step.parallel, context, (frame) => runBranches(step, { ...context, frame }));
}

async function runBranches(step: ParallelStep, context: StepContext): Promise<Json> {
  const { run, key } = context;
  const { join = 'all' } = step;
  const cursor = cursorOf(run.state, key, (): ParallelCursor => ({ done: [], failed: [] }));
  const { done, failed, uncounted = [] } = cursor;
  const ended = new Set([...done, ...failed, ...uncounted]);
  const left = step.parallel.filter(({ id }) => !ended.has(id));
  const isDecided = () => isWon(step, cursor) || isLost(step, cursor);
  if (!isDecided()) {
    const next = () => nextOf(left, step, cursor, context);
    await runPool({ next, concurrency: left.length, failsAtOnce: join === 'all', isDecided }, run);
  }
  if (join !== 'all' && join !== 'settle') {
    if (!isWon(step, cursor)) throw missed(step, cursor);
    await undoLosers(
      context,
      done.map((id) => step.parallel.findIndex((branch) => branch.id === id)),
    );
  }
  return { done, failed };
}

/** How many branches decide a race; undefined: all of them run to their end. */
function neededOf({ join = 'all' }: ParallelStep): number | undefined {
  if (typeof join === 'object') return join.count;
  return join === 'first' ? 1 : undefined;
}

function isWon(step: ParallelStep, { done }: ParallelCursor): boolean {
  const needed = neededOf(step);
  return needed !== undefined && done.length >= needed;
}

/** Whether too few branches are left. If only the first counts, the others may still win whatever happens. */
function isLost({ join, parallel }: ParallelStep, { failed, uncounted = [] }: ParallelCursor): boolean {
  if (typeof join !== 'object') return false;
  return parallel.length - failed.length - uncounted.length < join.count;
}

function missed({ id, join, parallel }: ParallelStep, { done, failed }: ParallelCursor): RunError {
  if (typeof join !== 'object') return allFailed(id, 'branches', parallel.length);
  const happened = `${done.length} of ${parallel.length} branches succeeded and ${failed.length} failed`;
  return new RunError('TooFewSucceeded', id, `Step "${id}": ${join.count} were needed, but ${happened}`);
}

function nextOf(left: Step[], step: ParallelStep, cursor: ParallelCursor, context: StepContext): Part | undefined {
  const branch = left.shift();
  if (branch === undefined) return undefined;
  const frame = frameIn(context, step.join, step.parallel.indexOf(branch));
  return {
    work: () => runStep(branch, frame, context.run),
    ended(failed) {
      const status = frame.status[branch.id];
      if (isWon(step, cursor) || isLost(step, cursor)) return; // It came too late, and loses.
      if (failed) {
        if (status === 'failed') cursor.failed.push(branch.id);
      } else if (typeof step.join === 'object' && status !== 'done') (cursor.uncounted ??= []).push(branch.id);
      else cursor.done.push(branch.id);
    },
  };
}
