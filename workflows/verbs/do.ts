import type { DoStep } from '../../language/definition.ts';
import type { StepContext } from '../run-context.ts';
import { runSteps } from '../run-step.ts';

/** `do`: a group, so that one guard covers several steps. The output is null. */
export async function performDo(step: DoStep, { frame, run }: StepContext): Promise<null> {
  await runSteps(step.do, frame, run);
  return null;
}
