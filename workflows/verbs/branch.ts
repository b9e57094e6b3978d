import type { BranchStep } from '../../language/definition.ts';
import { holds } from '../evaluate.ts';
import type { Place } from '../run-context.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** `if` with `then` and `else`. Steps of the branch not taken are skipped. The output is null. */
export async function performBranch(step: BranchStep, place: Place): Promise<null> {
  const { frame, run, key } = place;
  const { taken } = cursorOf(run.state, key, () => decide(step, place));
  await runSteps(step[taken] ?? [], frame, run);
  return null;
}

function decide(step: BranchStep, place: Place): { taken: 'then' | 'else' } {
  const { frame, run } = place;
  const [taken, other] = holds(step.if, 'if', place) ? (['then', 'else'] as const) : (['else', 'then'] as const);
  for (const untaken of step[other] ?? []) skipStep(untaken, frame, run);
  return { taken };
}
