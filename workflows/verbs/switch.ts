import type { SwitchStep } from '../../language/definition.ts';
import { holds } from '../evaluate.ts';
import type { StepContext } from '../run-context.ts';
import { cursorOf } from '../run-state.ts';
import { runSteps, skipStep } from '../run-step.ts';

/** `switch`: runs the first case whose condition holds, or else `default`, and skips all others. The output is null. */
export async function performSwitch(step: SwitchStep, context: StepContext): Promise<null> {
  const { frame, run, key } = context;
  const { taken } = cursorOf(run.state, key, () => decide(step, context));
  await runSteps(step.switch[taken]?.do ?? step.default ?? [], frame, run);
  return null;
}

/** The position of the case; -1 stands for `default`. */
function decide(step: SwitchStep, context: StepContext): { taken: number } {
  const { frame, run } = context;
  const taken = step.switch.findIndex(({ when }, position) => holds(when, `case ${position + 1}`, context));
  const others = step.switch.filter((_case, position) => position !== taken).flatMap((each) => each.do);
  const untaken = taken === -1 ? others : [...others, ...(step.default ?? [])];
  for (const each of untaken) skipStep(each, frame, run);
  return { taken };
}
