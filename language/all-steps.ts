import type { Step } from './definition.ts';
import { childSteps } from './plan.ts';

/** The steps and every step below them, in the order in which they are written. */
export function allSteps(steps: Step[]): Step[] {
  return steps.flatMap((step) => [step, ...allSteps(childSteps(step))]);
}
