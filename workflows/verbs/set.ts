import type { SetStep } from '../../language/definition.ts';
import { renderNames } from '../evaluate.ts';
import type { Place } from '../run-context.ts';

/** `set`: assigns `vars`; every template sees the values from before the step. The output is null. */
export function performSet(step: SetStep, place: Place): null {
  Object.assign(place.run.state.vars, renderNames(step.set, place));
  return null;
}
