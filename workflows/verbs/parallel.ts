import type { ParallelStep, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { runPool, type Part } from '../pool.ts';
import type { StepContext } from '../run-context.ts';
import { cursorOf } from '../run-state.ts';
import { runStep } from '../run-step.ts';
import { allFailed, frameIn, undoLosers } from './join.ts';

interface ParallelCursor {
  /** Step ids in the order in which they ended. */
  done: string[];
  failed: string[];
}

/** `parallel`: runs all branches at once, joined as `join` says. The output is `{ done, failed }`. */
export async function performParallel(step: ParallelStep, context: StepContext): Promise<Json> {
  const { run, key } = context;
  const { join = 'all' } = step;
  const cursor = cursorOf(run.state, key, (): ParallelCursor => ({ done: [], failed: [] }));
  const left = step.parallel.filter(({ id }) => !cursor.done.includes(id) && !cursor.failed.includes(id));
  const won = join === 'first' && cursor.done.length > 0;
  if (!won) {
    await runPool({ next: () => nextOf(left, step, cursor, context), concurrency: left.length, join }, run);
  }
  if (join === 'first') {
    if (cursor.done.length === 0) throw allFailed(step.id, 'branches', step.parallel.length);
    const winner = step.parallel.findIndex(({ id }) => id === cursor.done[0]);
    await undoLosers(context, winner);
  }
  return { done: cursor.done, failed: cursor.failed };
}

function nextOf(left: Step[], step: ParallelStep, cursor: ParallelCursor, context: StepContext): Part | undefined {
  const branch = left.shift();
  if (branch === undefined) return undefined;
  const frame = frameIn(context, step.join, step.parallel.indexOf(branch));
  return {
    work: () => runStep(branch, frame, context.run),
    ended(failed) {
      if (!failed) cursor.done.push(branch.id);
      else if (frame.status[branch.id] === 'failed') cursor.failed.push(branch.id);
    },
  };
}
