import type { RunStep } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { renderNames } from '../evaluate.ts';
import { type StepContext, summaryOf } from '../run-context.ts';
import { RunError } from '../run-error.ts';

/** `run`: runs another definition for the same event. The output is that run's, or `{ workflowId }` if it is detached. */
export async function performRun(step: RunStep, context: StepContext): Promise<Json> {
  const { run, key, stepId } = context;
  const vars = renderNames(step.with, context);
  const request = { key, stepId, definition: step.run, vars, summary: summaryOf(step), detach: step.detach === true };
  try {
    return await run.effects.runChild(request);
  } catch (error) {
    if (run.effects.isCancellation(error)) throw error;
    const { type, message } = run.effects.describe(error);
    throw new RunError(type, stepId, `Step "${stepId}" (run ${step.run}) failed: ${message}`, { cause: error });
  }
}
