import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  rootCause,
  TemporalFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import { ownMember, type Json, type JsonObject } from '../language/json.ts';
import { jsonBytes, wellFormed } from '../language/well-formed.ts';
import { attemptGraceMs } from '../language/retry.ts';
import { elsewherePause, elsewhereType } from '../language/elsewhere.ts';
import { runLimits } from '../language/verbs.ts';
import type { CallRequest, Effects, StepError, UnexpectedAnswer } from './effects.ts';
import { callExternal } from './external-call.ts';
import { RunError } from './run-error.ts';
import { temporalChildren, type RunIdentity } from './temporal-children.ts';
import { temporalTurns } from './temporal-turns.ts';
import { runsLocally } from './runs-locally.ts';
import { temporalAnswers } from './temporal-answers.ts';
import { temporalApprovals } from './temporal-approvals.ts';
import { temporalCommands } from './temporal-commands.ts';
import { temporalWaits } from './temporal-waits.ts';
import { commandBytes, createSlots, createTaskRoom } from './admission.ts';

type Activities = Record<string, (input: JsonObject, context: UncheckedContext) => Promise<Json>>;

/** A run's effects as Temporal commands. */
export function temporalEffects(input: RunInput, { workflowId, authority }: RunIdentity): Effects {
  let calls = 0;
  let childRuns = 0;
  const keys = input.rescue?.keys ?? workflowId;
  const shown = { source: input.event.source, eventId: input.event.id, authority };
  const nextTask = () => CancellationScope.nonCancellable(() => sleep(1, { summary: 'goes on in another task' }));
  const room = createTaskRoom(nextTask);
  const children = temporalChildren(input, { workflowId, authority }, room);
  const callSlots = createSlots(runLimits.callsAtOnce);
  const wholeRun = CancellationScope.current();

  function perform(request: CallRequest): Promise<Json> {
    calls += 1;
    const idempotencyKey = `${keys}/${request.key}`;
    const { definition } = request;
    const external = ownMember(input.external, request.activity);
    if (external !== undefined) {
      const { source, eventId } = shown;
      const place = { idempotencyKey, workflowId, definition: input.definition.name, source, eventId };
      return callExternal(request, external, place);
    }
    const context = { ...shown, idempotencyKey, ...(definition && { authority: { ...authority, definition } }) };
    return callWhereItIs(request, input.localActivities, context, pause);
  }

  const pause = (ms: number, summary: string) => admitted(room.take(commandBytes), () => sleep(ms, { summary }));

  return {
    call(request, begun) {
      refuseIfCanceled();
      if (runsLocally(request, input.localActivities)) {
        return admitted(room.take(runLimits.localResultBytes), async () => {
          const result = await perform(request);
          room.giveBack(runLimits.localResultBytes - jsonBytes(result));
          return result;
        });
      }
      return admitted(callSlots.enter(), () =>
        admitted(room.take(commandBytes + jsonBytes(request.input)), () =>
          interruptible(() => perform(request), begun),
        ).finally(callSlots.leave),
      );
    },
    startChild(request) {
      childRuns += 1;
      return children.start(request);
    },
    childResult: (request, started) => children.result(request, started),
    sleep: pause,
    waitUntil: (holds, ms, summary) => {
      if (ms === null) return condition(holds).then(() => true);
      return admitted(room.take(commandBytes), () => condition(holds, ms, { summary }));
    },
    ...temporalWaits(input, { workflowId, authority }, room),
    ...temporalTurns(input, { workflowId, authority }, room),
    ...temporalApprovals(input, { workflowId, authority }, room),
    ...temporalAnswers(input, { workflowId, authority }, room),
    ...temporalCommands(input, { workflowId, authority }, room),
    nextTask,
    now: () => Date.now(), // The sandbox's clock: the time of the current workflow task.
    cancelable: (work) => {
      const scope = new CancellationScope();
      return { done: scope.run(work), cancel: () => scope.cancel() };
    },
    shielded: (work) => CancellationScope.nonCancellable(work),
    isLong: () =>
      calls >= runLimits.callsPerRun || childRuns >= runLimits.childrenPerRun || workflowInfo().continueAsNewSuggested,
    isCanceled: () => CancellationScope.current().consideredCancelled,
    isRunCanceled: () => wholeRun.consideredCancelled,
    cancellation: () => new CancelledFailure('The run, or a branch of it, was canceled'),
    isCancellation,
    isInDoubt,
    describe: describeFailure,
  };
}

/** In a scope of its own, so that it can be ended alone. */
function interruptible(perform: () => Promise<Json>, begun?: (end: () => void) => void): Promise<Json> {
  if (begun === undefined) return perform();
  const scope = new CancellationScope();
  const done = scope.run(perform);
  begun(() => scope.cancel());
  return done;
}

/** Begins once there is room, unless that is canceled first. */
function admitted<Value>(full: Promise<void> | undefined, begin: () => Promise<Value>): Promise<Value> {
  if (full === undefined) return begin();
  return full.then(() => {
    refuseIfCanceled();
    return begin();
  });
}

function refuseIfCanceled(): void {
  if (CancellationScope.current().consideredCancelled) throw new NeverRequested();
}

/** The server's types for an attempt that took too long or stopped its heartbeats. */
const timeoutTypes = ['TemporalTimeout:StartToClose', 'TemporalTimeout:Heartbeat'];

type Pause = (ms: number, summary: string) => Promise<void>;

/**
 * Asks again later while the worker that takes the call lacks the activity. As an ordinary activity then: a local one would stay with the
 * worker that has the run. The deadline goes on.
 */
async function callWhereItIs(
  request: CallRequest,
  localActivities: string[],
  context: UncheckedContext,
  pause: Pause,
): Promise<Json> {
  const { activity, deadlineMs, stepId } = request;
  const begunMs = Date.now(); // The sandbox's clock.
  const leftMs = () => (deadlineMs === null ? null : deadlineMs - (Date.now() - begunMs));
  try {
    return await callActivity(request, localActivities, context);
  } catch (error) {
    if (typeOf(error) !== elsewhereType) throw error;
  }
  for (let pauseMs = elsewherePause.firstMs; ; pauseMs = Math.min(2 * pauseMs, elsewherePause.mostMs)) {
    const left = leftMs();
    await pauseUndoubted(
      pause(left === null ? pauseMs : Math.min(pauseMs, left), `waits for a worker with ${activity}`),
    );
    const deadline = leftMs();
    if (deadline !== null && deadline <= 0) {
      throw new RunError('TimedOut', stepId, `No worker with the activity ${activity} was there before the deadline`);
    }
    try {
      return await callActivity({ ...request, deadlineMs: deadline }, [], context);
    } catch (error) {
      if (typeOf(error) !== elsewhereType) throw error;
    }
  }
}

/** Nothing has been done that a cancellation could leave in doubt. */
async function pauseUndoubted(pausing: Promise<void>): Promise<void> {
  try {
    await pausing;
  } catch (error) {
    throw isCancellation(error) ? new NeverRequested() : error;
  }
}

function callActivity(request: CallRequest, localActivities: string[], context: UncheckedContext): Promise<Json> {
  const { key, stepId, activity, summary, timeoutMs, deadlineMs, heartbeatMs, retry } = request;
  const options = {
    startToCloseTimeout: timeoutMs + attemptGraceMs,
    ...(deadlineMs === null ? {} : { scheduleToCloseTimeout: deadlineMs }),
    retry: {
      maximumAttempts: retry.attempts,
      initialInterval: retry.firstMs,
      backoffCoefficient: retry.factor,
      maximumInterval: retry.maxMs,
      nonRetryableErrorTypes: retry.except.flatMap((type) => (type === 'TimedOut' ? [type, ...timeoutTypes] : type)),
    },
    // An effect under way when its run is canceled is awaited, so that its outcome is known.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary,
  };
  const activities: Activities = runsLocally(request, localActivities)
    ? proxyLocalActivities<Activities>(options)
    : proxyActivities<Activities>({
        ...options,
        ...(heartbeatMs !== null && { heartbeatTimeout: heartbeatMs }),
        activityId: key,
      });
  const run = activities[activity];
  if (run === undefined) throw new RunError('ActivityUnknown', stepId, `There is no activity ${activity}`);
  return run(request.input, context);
}

/** See {@link Effects.describe}. The interpreter cuts what is too long. */
function describeFailure(error: unknown): StepError {
  const type = wellFormed(typeOf(error));
  const answer = type === 'TimedOut' ? undefined : answerIn(innermost(error));
  return { type, message: wellFormed(rootCause(error) ?? String(error)), ...(answer && { answer }) };
}

/** What `activities/http-answer.ts` puts into the failure's details. */
function answerIn(cause: unknown): UnexpectedAnswer | undefined {
  if (!(cause instanceof ApplicationFailure)) return undefined;
  const detail = cause.details?.[0] as { answer?: UnexpectedAnswer } | undefined; // Kait's own activity wrote it.
  return detail?.answer;
}

/** The cause of an activity's or a child workflow's failure. */
function innermost(error: unknown): unknown {
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause !== undefined) {
    return innermost(error.cause);
  }
  return error;
}

function typeOf(error: unknown): string {
  // The deadline was over before the next attempt. The cause is the last one's failure.
  if (error instanceof ActivityFailure && error.retryState === RetryState.TIMEOUT) return 'TimedOut';
  const cause = innermost(error);
  if (cause instanceof RunError) return cause.type;
  if (cause instanceof TimeoutFailure) return 'TimedOut';
  if (cause instanceof ApplicationFailure) return cause.type ?? 'Error';
  if (cause instanceof TerminatedFailure) return 'ChildTerminated';
  if (cause instanceof CancelledFailure) {
    return error instanceof ChildWorkflowFailure ? 'ChildCanceled' : 'ActivityCanceled';
  }
  return cause instanceof Error ? cause.name : 'Error';
}

/** A call of work that was canceled before. Temporal would reject it too, with an error like that of a call under way. */
class NeverRequested extends CancelledFailure {
  constructor() {
    super('The run, or a branch of it, was canceled before the call');
  }
}

/**
 * See {@link Effects.isInDoubt}. What fails before it is requested is no failure of Temporal's, or has no cause. The failure of a
 * local activity is bare, and if it timed out, only in a replay.
 */
function isInDoubt(error: unknown): boolean {
  if (!(error instanceof TemporalFailure) || error instanceof NeverRequested) return false;
  const cause = innermost(error);
  if (!(cause instanceof ApplicationFailure)) return true;
  return (cause.details?.[0] as { effect?: unknown } | undefined)?.effect !== 'none';
}
