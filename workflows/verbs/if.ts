import type { IfStep } from '../../language/definition.ts';
import { holds } from '../evaluate.ts';
import type { StepContext } from '../run-context.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** `if` with `then` and `else`. Steps of the branch not taken are skipped. The output is null. */
export async function performIf(step: IfStep, context: StepContext): Promise<null> {
  const { frame, run, key } = context;
  const { taken } = cursorOf(run.state, key, () => decide(step, context));
  await runSteps(step[taken] ?? [], frame, run);
  return null;
}

function decide(step: IfStep, context: StepContext): { taken: 'then' | 'else' } {
  const { frame, run } = context;
  const [taken, other] = holds(step.if, 'if', context) ? (['then', 'else'] as const) : (['else', 'then'] as const);
  for (const untaken of step[other] ?? []) skipStep(untaken, frame, run);
  return { taken };
}
