import type { ParallelStep } from '../../language/definition.ts';
import type { RunContext } from '../interpreter.ts';

/** `parallel`: all branches at once; the first failure cancels the others. The output is null. */
export async function performParallel(step: ParallelStep, run: RunContext): Promise<null> {
  await run.effects.all(step.parallel.map((branch) => () => run.runStep(branch)));
  return null;
}
