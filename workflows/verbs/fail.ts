import type { FailStep } from '../../language/definition.ts';
import { renderText } from '../evaluate.ts';
import type { StepContext } from '../run-context.ts';
import { RunError } from '../run-error.ts';

/** `fail`: fails with the author's type and message. */
export function performFail(step: FailStep, context: StepContext): never {
  throw new RunError(step.type ?? 'Failed', step.id, renderText(step.fail, context));
}
