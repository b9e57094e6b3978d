import { allSteps } from '../language/plan.ts';
import type { Definition, FailurePolicy } from '../language/definition.ts';
import { undoOf } from '../language/verbs.ts';

/** What happens when a step fails and nothing in the definition handles it. */
export function failurePolicyOf(definition: Definition): FailurePolicy {
  return definition.onFail ?? (declaresUndo(definition) ? 'undo' : 'fail');
}

/** Whether a run that is canceled takes back what it has done: not where the author wants failures left as they are. */
export function undoesOnCancel(definition: Definition): boolean {
  return definition.onFail !== 'fail' && declaresUndo(definition);
}

function declaresUndo(definition: Definition): boolean {
  return allSteps(definition.steps).some((step) => undoOf(step) !== undefined);
}
