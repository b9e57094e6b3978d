import { afterBranch, withLocals, type Environment } from '../environment.ts';
import type { JsonShape } from '../json-shape.ts';
import type { StepCheck } from './verb-check.ts';

/** Checks the steps of an `onTimeout`, `onReject` or `onItemError`, which run sometimes. Words hold none. */
export function checkReaction(
  step: StepCheck,
  key: string,
  environment: Environment,
  locals: Record<string, JsonShape> = {},
): Environment {
  const steps = step.step[key];
  if (!Array.isArray(steps)) return environment;
  const inside = step.checkSteps(steps, [...step.path, key], withLocals(environment, locals));
  return afterBranch(environment, inside, 'sometimes');
}
