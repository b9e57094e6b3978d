import { ApplicationFailure, defineQuery, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunInput } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { planOf, type PlanNode } from '../language/plan.ts';
import { createInterpreter } from './interpreter.ts';
import { checklist, progressOf, type StepProgress } from './progress.ts';
import { RunError } from './run-error.ts';
import { temporalEffects } from './temporal-effects.ts';

export const progressQuery = defineQuery<StepProgress[]>('progress');
export const planQuery = defineQuery<PlanNode[]>('plan');

/**
 * The one workflow of Kait: serves every workflow type, so that Temporal shows the definition's name as the type. The
 * handlers are named ones: a default signal handler would fail the task for ever on a stray `__temporal_…` signal.
 */
export default async function interpret(input: RunInput): Promise<Json> {
  const { workflowId } = workflowInfo();
  const { definition } = input;
  const showProgress = () => setCurrentDetails(checklist(definition, run.state));
  const run = createInterpreter(input, workflowId, temporalEffects(input, workflowId), showProgress);
  setHandler(progressQuery, () => progressOf(definition, run.state), {
    description: 'Where each step stands: status, times, error.',
  });
  setHandler(planQuery, () => planOf(definition), {
    description: 'The steps of the definition that this run carries.',
  });
  showProgress();
  try {
    return await run.execute();
  } catch (error) {
    throw error instanceof RunError ? failureOf(error) : error;
  }
}

/** Details name the step, so that `temporal workflow show` and the Web UI do too. */
function failureOf(error: RunError): ApplicationFailure {
  const cause = error.cause instanceof Error ? { cause: error.cause } : {};
  return ApplicationFailure.create({
    message: error.message,
    type: error.type,
    nonRetryable: true,
    details: [{ stepId: error.stepId }],
    ...cause,
  });
}
