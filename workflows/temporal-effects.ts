import {
  ActivityCancellationType,
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  rootCause,
  sleep,
} from '@temporalio/workflow';
import type { CallContext, RunInput } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { CallRequest, Effects } from './effects.ts';
import { RunError } from './run-error.ts';

type Activities = Record<string, (input: JsonObject, context: CallContext) => Promise<Json>>;

/** A run's effects as Temporal commands. */
export function temporalEffects(input: RunInput, workflowId: string): Effects {
  return {
    call: (request) => callActivity(request, input, workflowId),
    sleep: (ms, summary) => sleep(ms, { summary }),
    now: () => Date.now(), // The sandbox's clock: the time of the current workflow task.
    all: runAll,
    isCancellation,
    reason: (error) => rootCause(error) ?? String(error),
  };
}

function callActivity(request: CallRequest, input: RunInput, workflowId: string): Promise<Json> {
  const { stepId, activity, summary, timeoutMs, retry } = request;
  const options = {
    startToCloseTimeout: timeoutMs,
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.firstMs,
      backoffCoefficient: retry.factor,
      maximumInterval: retry.maxMs,
    },
    // An effect that was under way when its run was canceled is waited for, so that it is known whether it happened.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  };
  const activities: Activities = input.localActivities.includes(activity)
    ? proxyLocalActivities<Activities>(options)
    : proxyActivities<Activities>({ ...options, activityId: stepId });
  const run = activities[activity];
  if (run === undefined) throw new RunError('StepFailed', stepId, `There is no activity ${activity}`);
  return run(request.input, {
    idempotencyKey: `${workflowId}/${stepId}`,
    source: input.event.source,
    eventId: input.event.id,
  });
}

async function runAll(branches: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  const scope = new CancellationScope();
  await scope.run(async () => {
    await Promise.all(
      branches.map(async (branch) => {
        try {
          await branch();
        } catch (error) {
          failures.push(error);
          scope.cancel();
        }
      }),
    );
  });
  if (failures.length > 0) throw failures[0];
}
