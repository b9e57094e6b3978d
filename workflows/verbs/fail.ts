import type { FailStep } from '../../language/definition.ts';
import { renderText } from '../evaluate.ts';
import type { Place } from '../run-context.ts';
import { RunError } from '../run-error.ts';

/** `fail`: fails with the author's own type and message. */
export function performFail(step: FailStep, place: Place): never {
  throw new RunError(step.type ?? 'Failed', step.id, renderText(step.fail, place));
}
