import {
  ActivityCancellationType,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  rootCause,
  TimeoutFailure,
  TypedSearchAttributes,
} from '@temporalio/common';
import type { CallContext, RunInput } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';
import type { CallRequest, ChildRequest, Effects, StepError } from './effects.ts';
import { RunError } from './run-error.ts';

type Activities = Record<string, (input: JsonObject, context: CallContext) => Promise<Json>>;

/** A run's effects as Temporal commands. */
export function temporalEffects(input: RunInput, workflowId: string): Effects {
  let calls = 0;
  return {
    call: (request) => {
      calls += 1;
      return callActivity(request, input, workflowId);
    },
    runChild: (request) => runChild(request, input, workflowId),
    sleep: (ms, summary) => sleep(ms, { summary }),
    waitUntil: (holds, ms, summary) => {
      return ms === null ? condition(holds).then(() => true) : condition(holds, ms, { summary });
    },
    now: () => Date.now(), // The sandbox's clock: the time of the current workflow task.
    cancelable: (work) => {
      const scope = new CancellationScope();
      return { done: scope.run(work), cancel: () => scope.cancel() };
    },
    shielded: (work) => CancellationScope.nonCancellable(work),
    isLong: () => calls >= runLimits.callsPerRun || workflowInfo().continueAsNewSuggested,
    isCancellation,
    describe: describeFailure,
  };
}

/** The server's types for an attempt that took too long or stopped its heartbeats. */
const timeoutTypes = ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat'];

function callActivity(request: CallRequest, input: RunInput, workflowId: string): Promise<Json> {
  const { key, stepId, activity, summary, timeoutMs, deadlineMs, heartbeatMs, retry } = request;
  const options = {
    startToCloseTimeout: timeoutMs,
    ...(deadlineMs === null ? {} : { scheduleToCloseTimeout: deadlineMs }),
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.firstMs,
      backoffCoefficient: retry.factor,
      maximumInterval: retry.maxMs,
      nonRetryableErrorTypes: retry.except.flatMap((type) => (type === 'TimedOut' ? timeoutTypes : type)),
    },
    // An effect under way when its run is canceled is awaited, so that its outcome is known.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  };
  const activities: Activities = input.localActivities.includes(activity)
    ? proxyLocalActivities<Activities>(options)
    : proxyActivities<Activities>({ ...options, heartbeatTimeout: heartbeatMs, activityId: key });
  const run = activities[activity];
  if (run === undefined) throw new RunError('ActivityUnknown', stepId, `There is no activity ${activity}`);
  return run(request.input, {
    idempotencyKey: `${workflowId}/${key}`,
    source: input.event.source,
    eventId: input.event.id,
  });
}

/** The time limit of runs that events start, too. */
const childTimeout = '400 days';

/** The parent's, with the child's definition: children inherit none. */
function searchAttributesOf(definition: string): TypedSearchAttributes {
  const pairs = workflowInfo().typedSearchAttributes.getAll();
  return new TypedSearchAttributes(
    pairs.map((pair) => (pair.key.name === 'KaitDefinition' ? ({ ...pair, value: definition } as typeof pair) : pair)),
  );
}

async function runChild(request: ChildRequest, input: RunInput, workflowId: string): Promise<Json> {
  const { key, stepId, vars, summary, detach } = request;
  const child = input.children?.[request.definition];
  if (child === undefined) {
    const message = `The run was started without the definition "${request.definition}"`;
    throw new RunError('DefinitionUnknown', stepId, message);
  }
  const { children, event, localActivities } = input;
  const childInput: RunInput = {
    ...child,
    event,
    localActivities,
    ...(children === undefined ? {} : { children }),
    vars,
  };
  const handle = await startChild(child.definition.name, {
    args: [childInput],
    workflowId: `${workflowId}/${key}`,
    // A parked step that is retried starts another run in place of the failed one.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: detach ? ParentClosePolicy.ABANDON : ParentClosePolicy.REQUEST_CANCEL,
    // The child's effects under way are awaited, and it undoes what it must.
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: summary,
    workflowExecutionTimeout: childTimeout,
    typedSearchAttributes: searchAttributesOf(child.definition.name),
  });
  return detach ? { workflowId: handle.workflowId } : ((await handle.result()) as Json);
}

/** See {@link Effects.describe}. */
function describeFailure(error: unknown): StepError {
  return { type: typeOf(innermost(error)), message: rootCause(error) ?? String(error) };
}

/** The cause of an activity's or a child workflow's failure. */
function innermost(error: unknown): unknown {
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause !== undefined) {
    return innermost(error.cause);
  }
  return error;
}

function typeOf(error: unknown): string {
  if (error instanceof TimeoutFailure) return 'TimedOut';
  if (error instanceof ApplicationFailure) return error.type ?? 'Error';
  return error instanceof Error ? error.name : 'Error';
}
