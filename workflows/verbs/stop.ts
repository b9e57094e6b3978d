import type { StopStep } from '../../language/definition.ts';
import { renderText } from '../evaluate.ts';
import type { Place } from '../run-context.ts';
import { RunStopped } from '../run-error.ts';

/** `stop`: the run completes here. */
export function performStop(step: StopStep, place: Place): never {
  throw new RunStopped(renderText(step.stop, place));
}
