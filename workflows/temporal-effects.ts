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
import { TypedSearchAttributes } from '@temporalio/common';
import type { CallContext, RunInput } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';
import type { CallRequest, ChildRequest, Effects } from './effects.ts';
import { describeFailure } from './describe-failure.ts';
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

/** What the server calls an attempt that has taken too long, or no longer shows that it is alive. */
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
    // An effect that was under way when its run was canceled is waited for, so that it is known whether it happened.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  };
  const activities: Activities = input.localActivities.includes(activity)
    ? proxyLocalActivities<Activities>(options)
    : proxyActivities<Activities>({ ...options, heartbeatTimeout: heartbeatMs, activityId: key });
  const run = activities[activity];
  if (run === undefined) throw new RunError('ExpressionFailed', stepId, `There is no activity ${activity}`);
  return run(request.input, {
    idempotencyKey: `${workflowId}/${key}`,
    source: input.event.source,
    eventId: input.event.id,
  });
}

/** As long as a run that an event starts may take. */
const childTimeout = '400 days';

/** A run's own, but for the definition: children inherit none. */
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
    throw new RunError('ExpressionFailed', stepId, `This run carries no definition "${request.definition}"`);
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
    // A parked step that is tried again starts another run in place of the one that failed.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: detach ? ParentClosePolicy.ABANDON : ParentClosePolicy.REQUEST_CANCEL,
    // A child's effects that are under way are waited for, and what it has to undo is undone.
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: summary,
    workflowExecutionTimeout: childTimeout,
    typedSearchAttributes: searchAttributesOf(child.definition.name),
  });
  return detach ? { workflowId: handle.workflowId } : ((await handle.result()) as Json);
}
