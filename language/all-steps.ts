import type { Step } from './definition.ts';
import { branchesOf } from './verbs.ts';

/** The steps and every step below them, in the order in which they are written. */
export function allSteps(steps: Step[]): Step[] {
  return steps.flatMap((step) => [step, ...branchesOf(step).flatMap((branch) => allSteps(branch.steps))]);
}
