import type { StopStep } from '../../language/definition.ts';
import { renderText } from '../evaluate.ts';
import type { StepContext } from '../run-context.ts';
import { RunStopped } from '../run-error.ts';

/** `stop`: completes the run. */
export function performStop(step: StopStep, context: StepContext): never {
  throw new RunStopped(renderText(step.stop, context));
}
