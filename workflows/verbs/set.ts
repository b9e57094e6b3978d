import type { SetStep } from '../../language/definition.ts';
import { renderNames } from '../evaluate.ts';
import type { StepContext } from '../run-context.ts';

/** `set`: assigns `vars`. Every template sees the values from before the step. The output is null. */
export function performSet(step: SetStep, context: StepContext): null {
  Object.assign(context.run.state.vars, renderNames(step.set, context));
  return null;
}
