import type { BranchStep } from '../../language/definition.ts';
import type { RunContext } from '../interpreter.ts';

/** `if` with `then` and `else`. Steps of the branch not taken are skipped. The output is null. */
export async function performBranch(step: BranchStep, run: RunContext): Promise<null> {
  const holds = run.holds(step.id, step.if);
  const [taken, other] = holds ? [step.then, step.else] : [step.else, step.then];
  for (const untaken of other ?? []) run.skip(untaken);
  await run.runSteps(taken ?? []);
  return null;
}
