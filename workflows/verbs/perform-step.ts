import { awaitOf } from '../../language/awaited-emit.ts';
import type { Step } from '../../language/definition.ts';
import { callActivity, requestOfStep } from '../actions.ts';
import { type StepContext, type StepOutput, summaryOf } from '../run-context.ts';
import { performApprove } from './approve.ts';
import { performDo } from './do.ts';
import { performAwaitedEmit } from './emit.ts';
import { performFail } from './fail.ts';
import { performForEach } from './for-each.ts';
import { performIf } from './if.ts';
import { performParallel } from './parallel.ts';
import { performRun } from './run.ts';
import { performSet } from './set.ts';
import { performStop } from './stop.ts';
import { performSwitch } from './switch.ts';
import { performTry } from './try.ts';
import { performWait } from './wait.ts';
import { performWaitFor } from './wait-for.ts';
import { performWhile } from './while.ts';

/**
 * Does what the step's verb says and returns the step's output or a promise of it. Neither this nor the functions on the way to
 * an activity are async: Temporal's SDK records a stack trace for each promise that a workflow creates.
 */
export function performStep(step: Step, context: StepContext): StepOutput | Promise<StepOutput> {
  if ('emit' in step && awaitOf(step) !== undefined) return performAwaitedEmit(step, context);
  if ('call' in step || 'http' in step || 'emit' in step) {
    return callActivity(requestOfStep(step, summaryOf(step), context), context);
  }
  if ('wait' in step) return performWait(step, context);
  if ('waitFor' in step) return performWaitFor(step, context);
  if ('approve' in step) return performApprove(step, context);
  if ('parallel' in step) return performParallel(step, context);
  if ('forEach' in step) return performForEach(step, context);
  if ('while' in step) return performWhile(step, context);
  if ('then' in step) return performIf(step, context);
  if ('switch' in step) return performSwitch(step, context);
  if ('try' in step) return performTry(step, context);
  if ('run' in step) return performRun(step, context);
  if ('set' in step) return performSet(step, context);
  if ('stop' in step) return performStop(step, context);
  if ('fail' in step) return performFail(step, context);
  return performDo(step, context);
}
