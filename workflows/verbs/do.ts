import type { DoStep } from '../../language/definition.ts';
import type { Place } from '../run-context.ts';
import { runSteps } from '../run-step.ts';

/** `do`: a group, so that one guard decides about several steps. The output is null. */
export async function performDo(step: DoStep, { frame, run }: Place): Promise<null> {
  await runSteps(step.do, frame, run);
  return null;
}
