import {
  ApplicationFailure,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunInput } from '../language/definition.ts';
import { effectiveSteps, planOf, type PlanNode } from '../language/plan.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { createInterpreter, type Carried, type Interpreter } from './interpreter.ts';
import type { ApprovalDecision, SteerCommand } from './mailbox.ts';
import { createProgressView, type StepProgress } from './progress.ts';
import { RunError } from './run-error.ts';
import { temporalEffects } from './temporal-effects.ts';

export const progressQuery = defineQuery<StepProgress[]>('progress');
export const planQuery = defineQuery<PlanNode[]>('plan');
export const eventSignal = defineSignal<[CanonicalEvent]>('event');
export const decideUpdate = defineUpdate<null, [ApprovalDecision]>('decide');
export const steerUpdate = defineUpdate<null, [SteerCommand]>('steer');

/**
 * Kait's only workflow. It serves every workflow type, so Temporal shows the definition's name as the type. Its handlers are
 * named: a default signal handler would fail the task forever on a stray `__temporal_…` signal. `carried` is set if the run
 * has continued as new.
 */
export default async function interpret(input: RunInput, carried?: Carried): Promise<Json> {
  const { workflowId } = workflowInfo();
  const steps = effectiveSteps(input);
  const view = createProgressView(steps);
  const observer = { changed: () => setCurrentDetails(view.checklist(run.state)) };
  const effects = temporalEffects(input, workflowId);
  const run = createInterpreter({ input, runId: workflowId, effects, observer, carried });
  setHandler(progressQuery, () => view.steps(run.state), {
    description: 'The status, times and error of each step.',
  });
  setHandler(planQuery, () => planOf({ steps }), {
    description: 'The steps of this run.',
  });
  handleSignals(run);
  setCurrentDetails(view.checklist(run.state));
  try {
    const outcome = await run.execute();
    if (outcome.kind === 'completed') return outcome.output;
    return await continueAsNew<typeof interpret>(input, outcome.carried);
  } catch (error) {
    throw error instanceof RunError ? failureOf(error, run) : error;
  }
}

function handleSignals(run: Interpreter): void {
  setHandler(eventSignal, (event) => run.receive(event), {
    description: 'Delivers a later event to the steps that wait for one.',
  });
  setHandler(decideUpdate, (decision) => accepted(() => run.decide(decision)), {
    description: 'Answers an approve step: {step, approved, by, comment}.',
  });
  setHandler(steerUpdate, (command) => accepted(() => run.steer(command)), {
    description: 'Says how a parked step goes on: {step, kind: retry | skip | result, result}.',
  });
}

/**
 * An answer that no step waits for fails the update, so its sender learns why, and the run goes on. Whether a step waits must
 * not depend on how a replay groups events: opening a slot also starts a timer, so that it ends a workflow task.
 */
function accepted(put: () => void): null {
  try {
    put();
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw ApplicationFailure.create({ message, type: 'NotWaiting', nonRetryable: true });
  }
}

/** The details name the step, so that `temporal workflow show` and the Web UI do too. */
function failureOf(error: RunError, { state }: Interpreter): ApplicationFailure {
  const cause = error.cause instanceof Error ? { cause: error.cause } : {};
  return ApplicationFailure.create({
    message: error.message,
    type: error.type,
    nonRetryable: true,
    details: [{ stepId: error.stepId, undone: state.undone }],
    ...cause,
  });
}
