import type { Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { callActivity, requestOf } from '../actions.ts';
import type { Place } from '../run-context.ts';
import { summaryOf } from '../summary.ts';
import { performApprove } from './approve.ts';
import { performBranch } from './branch.ts';
import { performDo } from './do.ts';
import { performFail } from './fail.ts';
import { performForEach } from './for-each.ts';
import { performParallel } from './parallel.ts';
import { performRun } from './run.ts';
import { performSet } from './set.ts';
import { performStop } from './stop.ts';
import { performSwitch } from './switch.ts';
import { performTry } from './try.ts';
import type { timedOut } from './timed-out.ts';
import { performWait } from './wait.ts';
import { performWaitFor } from './wait-for.ts';
import { performWhile } from './while.ts';

/**
 * Does what the step's verb says; resolves to the step's output. May also throw. Not an async function, nor are others on the
 * way to an activity: for each promise that a workflow makes, Temporal's SDK records a stack trace.
 */
export function performStep(step: Step, place: Place): Json | typeof timedOut | Promise<Json | typeof timedOut> {
  if ('call' in step || 'http' in step || 'emit' in step) {
    return callActivity(requestOf(step, summaryOf(step), place), place);
  }
  if ('wait' in step) return performWait(step, place);
  if ('waitFor' in step) return performWaitFor(step, place);
  if ('approve' in step) return performApprove(step, place);
  if ('parallel' in step) return performParallel(step, place);
  if ('forEach' in step) return performForEach(step, place);
  if ('while' in step) return performWhile(step, place);
  if ('then' in step) return performBranch(step, place);
  if ('switch' in step) return performSwitch(step, place);
  if ('try' in step) return performTry(step, place);
  if ('run' in step) return performRun(step, place);
  if ('set' in step) return performSet(step, place);
  if ('stop' in step) return performStop(step, place);
  if ('fail' in step) return performFail(step, place);
  return performDo(step, place);
}
