import type { SetStep } from '../../language/definition.ts';
import type { RunContext } from '../interpreter.ts';

/** `set`: assigns `vars`; every template sees the values from before the step. The output is null. */
export function performSet(step: SetStep, run: RunContext): null {
  Object.assign(run.state.vars, run.renderFields(step.id, step.set));
  return null;
}
