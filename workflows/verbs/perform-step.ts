import type { Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import type { RunContext } from '../interpreter.ts';
import { performBranch } from './branch.ts';
import { performCall } from './call.ts';
import { performEmit } from './emit.ts';
import { performParallel } from './parallel.ts';
import { performSet } from './set.ts';
import { performWait } from './wait.ts';

/**
 * Does what the step's verb says; resolves to the step's output. May also throw. Not an async function, nor are others on the
 * way to an activity: for each promise that a workflow makes, Temporal's SDK records a stack trace.
 */
export function performStep(step: Step, run: RunContext): Json | Promise<Json> {
  if ('call' in step) return performCall(step, run);
  if ('emit' in step) return performEmit(step, run);
  if ('wait' in step) return performWait(step, run);
  if ('set' in step) return performSet(step, run);
  if ('parallel' in step) return performParallel(step, run);
  return performBranch(step, run);
}
