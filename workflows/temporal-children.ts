import {
  ActivityCancellationType,
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  TypedSearchAttributes,
  type Workflow,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import type { ChildOutcome } from '../language/child-outcome.ts';
import type { Authority, RunInput, UncheckedContext } from '../language/definition.ts';
import { largeValueBytes } from '../language/large-value.ts';
import { ownMember } from '../language/json.ts';
import { standingAttribute, stepAttribute } from '../language/run-standing.ts';
import { runLimits } from '../language/verbs.ts';
import { jsonBytes } from '../language/well-formed.ts';
import { commandBytes, createSlots, type TaskRoom } from './admission.ts';
import type { ChildRequest, ChildResult, StartedChild } from './effects.ts';
import { RunError } from './run-error.ts';

export interface RunIdentity {
  workflowId: string;
  authority: Authority;
}

/** A run's child runs. See `Effects.startChild` and `Effects.childResult`. */
export interface TemporalChildren {
  start(request: ChildRequest): Promise<StartedChild>;
  result(request: ChildRequest, started: StartedChild): Promise<ChildResult>;
}

/**
 * Temporal tells a child's end, and hands a cancellation on, only within the run that started the child. After that run has continued
 * as new, an activity asks for the end, and a cancellation goes to the child as to any other workflow.
 */
export function temporalChildren(input: RunInput, identity: RunIdentity, room: TaskRoom): TemporalChildren {
  /** The children that this run has started since it continued as new, by the key of their step. */
  const handles = new Map<string, ChildWorkflowHandle<Workflow>>();
  const slots = createSlots(runLimits.callsAtOnce);

  async function begin(request: ChildRequest): Promise<StartedChild> {
    const childInput = inputOf(request, input, identity);
    // A larger input is replaced by a reference when it is sent.
    await room.take(commandBytes + Math.min(jsonBytes(childInput), largeValueBytes));
    const handle = await startChildRun(request, childInput, identity);
    handles.set(request.key, handle);
    const ended = request.detach ? Promise.resolve() : handle.result();
    void ended.then(slots.leave, slots.leave);
    return { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
  }

  return {
    async start(request) {
      await slots.enter();
      try {
        return await begin(request);
      } catch (error) {
        slots.leave();
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return await findOwn(request, `${identity.workflowId}/${request.key}`, contextOf(request, input, identity));
      }
    },
    async result(request, started) {
      const handle = handles.get(request.key);
      if (handle === undefined) return resultOfEarlier(request, started, contextOf(request, input, identity));
      return (await handle.result()) as ChildResult; // As `interpret` returns it to a run that waits.
    },
  };
}

/** The time limit of runs that events start, too. */
const childTimeout = '400 days';

function inputOf(
  { stepId, definition, vars, detach, rescue }: ChildRequest,
  input: RunInput,
  { authority }: RunIdentity,
): RunInput {
  const child = ownMember(input.children, definition);
  if (child === undefined) {
    throw new RunError('DefinitionUnknown', stepId, `The run was started without the definition "${definition}"`);
  }
  const { children, event, localActivities, activityLimits, external, reduced, settings, showsState } = input;
  const root: Authority = { workflowId: authority.workflowId, input: authority.input, seal: authority.seal };
  return {
    ...child,
    event,
    localActivities,
    ...(activityLimits === undefined ? {} : { activityLimits }),
    ...(external === undefined ? {} : { external }),
    ...(children === undefined ? {} : { children }),
    ...(reduced === undefined ? {} : { reduced }),
    ...(settings === undefined ? {} : { settings }),
    ...(showsState === undefined ? {} : { showsState }),
    vars,
    ...(rescue === undefined ? {} : { rescue }),
    ...(detach ? {} : { handsUp: true }),
    root,
  };
}

function startChildRun(
  { key, summary, detach }: ChildRequest,
  childInput: RunInput,
  { workflowId }: RunIdentity,
): Promise<ChildWorkflowHandle<Workflow>> {
  const { name } = childInput.definition;
  return startChild(name, {
    args: [childInput],
    workflowId: `${workflowId}/${key}`,
    // A parked step that is retried starts another run in place of the failed one.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    // Any other policy applies when this run continues as new, too. A run that is canceled or fails has canceled its children itself.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    // For `worker/orphans.ts`, which cancels the children of a run that was terminated.
    memo: detach ? {} : { waitedForBy: workflowId },
    // The child's effects under way are awaited, and it undoes what it must. A detached one goes on.
    cancellationType: detach
      ? ChildWorkflowCancellationType.ABANDON
      : ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    staticSummary: summary,
    workflowExecutionTimeout: childTimeout,
    workflowTaskTimeout: workflowInfo().taskTimeoutMs, // Longer if the event is large, which the child reads as well.
    typedSearchAttributes: searchAttributesOf(name),
  });
}

/** The parent's, with the child's definition, and without how the parent stands: children inherit none. */
function searchAttributesOf(definition: string): TypedSearchAttributes {
  const own: readonly string[] = [standingAttribute, stepAttribute];
  const pairs = workflowInfo()
    .typedSearchAttributes.getAll()
    .filter(({ key }) => !own.includes(key.name));
  return new TypedSearchAttributes(
    pairs.map((pair) => (pair.key.name === 'KaitDefinition' ? ({ ...pair, value: definition } as typeof pair) : pair)),
  );
}

/** What an activity of Kait's own is told beside its input, for the step with the key. */
export function contextOf(
  { key }: Pick<ChildRequest, 'key'>,
  { event }: Pick<RunInput, 'event'>,
  identity: RunIdentity,
): UncheckedContext {
  const { workflowId, authority } = identity;
  return { source: event.source, eventId: event.id, idempotencyKey: `${workflowId}/${key}`, authority };
}

/** The end of a child that was started before this run continued as new. */
async function resultOfEarlier(
  request: ChildRequest,
  started: StartedChild,
  context: UncheckedContext,
): Promise<ChildResult> {
  const ask = async (activityId: string) =>
    resultOf(await askForOutcome(activityId, request, started, context), started);
  try {
    return await ask(`${request.key}/result`);
  } catch (error) {
    if (!CancellationScope.current().consideredCancelled) throw error;
    return await CancellationScope.nonCancellable(async () => {
      await cancelChild(started);
      return ask(`${request.key}/canceled`); // Not the same id, since the first activity may still be open.
    });
  }
}

/** Fails only if the child has ended meanwhile. */
async function cancelChild({ workflowId }: StartedChild): Promise<void> {
  await getExternalWorkflowHandle(workflowId)
    .cancel()
    .catch(() => undefined);
}

/** The limits of Kait's own activities: they are tried until what they ask answers. */
export const patiently = {
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
} as const;

interface RunActivities {
  'runs.find'(child: { workflowId: string }, context: UncheckedContext): Promise<StartedChild>;
  'runs.result'(child: StartedChild, context: UncheckedContext): Promise<ChildOutcome>;
}

/** The child that the step has started before. A parked step, or the loop around one, is retried, and what it did well stands. */
function findOwn({ key, summary }: ChildRequest, workflowId: string, context: UncheckedContext): Promise<StartedChild> {
  const activities = proxyActivities<RunActivities & Record<string, never>>({
    activityId: `${key}/find`,
    summary,
    ...patiently,
  });
  return activities['runs.find']({ workflowId }, context);
}

/** See `activities/run-result.ts`. There is an attempt a minute as long as the child is open. */
function askForOutcome(
  activityId: string,
  { summary }: ChildRequest,
  started: StartedChild,
  context: UncheckedContext,
): Promise<ChildOutcome> {
  const activities = proxyActivities<RunActivities & Record<string, never>>({
    activityId,
    summary,
    ...patiently,
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  });
  return activities['runs.result'](started, context);
}

/** Throws what Temporal would throw, so that a failure means the same before and after the run continued as new. */
function resultOf(outcome: ChildOutcome, { workflowId, runId }: StartedChild): ChildResult {
  if (outcome.kind === 'completed') return outcome.result as unknown as ChildResult; // As `interpret` returns it.
  const cause = causeOf(outcome);
  throw new ChildWorkflowFailure(undefined, { workflowId, runId }, '', RetryState.RETRY_POLICY_NOT_SET, cause);
}

function causeOf(outcome: Exclude<ChildOutcome, { kind: 'completed' }>): Error {
  const { message } = outcome;
  if (outcome.kind === 'failed') {
    const { type, effect } = outcome;
    return ApplicationFailure.create({ message, type, nonRetryable: true, details: [{ effect }] });
  }
  if (outcome.kind === 'canceled') return new CancelledFailure(message);
  if (outcome.kind === 'timedOut') return new TimeoutFailure(message, undefined, 'START_TO_CLOSE');
  return new TerminatedFailure(message);
}
