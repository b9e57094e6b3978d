import { afterBranch, type Environment } from '../environment.ts';
import type { StepCheck } from './verb-check.ts';

/**
 * Checks the steps of an `onTimeout` or `onReject`, which run sometimes and see `seen`; returns what is visible after
 * `environment` and them. Words hold no steps.
 */
export function checkReaction(
  step: StepCheck,
  key: string,
  environment: Environment,
  seen: Environment = environment,
): Environment {
  const steps = step.step[key];
  if (!Array.isArray(steps)) return environment;
  return afterBranch(environment, step.checkSteps(steps, [...step.path, key], seen), 'sometimes', seen);
}
