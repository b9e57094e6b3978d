import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, rootCause, TimeoutFailure } from '@temporalio/common';
import { z } from 'zod';
import type { ChildOutcome } from '../language/child-outcome.ts';
import type { Json } from '../language/json.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import { activityFailure } from './failure-types.ts';
import { parseShape } from './parse-input.ts';

export interface RunActivityDeps {
  client: Pick<WorkflowClient, 'getHandle'>;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
}

const childSchema = z.strictObject({
  workflowId: z.string().min(1),
  /** The first run of the child's chain. */
  runId: z.string().min(1),
});
type Child = z.infer<typeof childSchema>;

const idSchema = childSchema.pick({ workflowId: true });

/** Bytes of a result as JSON. Temporal takes 2 MB from an activity; a run that continues as new could not carry as much. */
const mostResultBytes = 1_000_000;

/** Shorter than the attempt's time limit. Our own, since the SDK's native connection keeps retrying beyond its deadline. */
const deadlineMs = 10_000;

/**
 * `runs.result`: tells a run that continued as new how a child has ended that it started before. Temporal tells only the run that
 * started it. While the child is open, an attempt fails at once with `ChildRunning`, so that it occupies no slot between attempts
 * and leaves no trace in the history. Throws `ChildLost` if Temporal has deleted the child.
 *
 * `runs.find`: tells a run whose step is retried which child has the id that another one was to have. Throws `ChildLost` if that is no
 * child of the run, as Temporal knows it.
 */
export function createRunActivities(deps: RunActivityDeps) {
  return {
    'runs.result': async (input: unknown): Promise<ChildOutcome> => {
      const child = parseShape('runs.result', childSchema, input);
      requireOwn(child.workflowId, deps.workflowId());
      const outcome = await withDeadline(outcomeOf(child, deps.client), deadlineMs, 'Temporal');
      if (outcome === undefined) throw activityFailure('ChildRunning', `The run ${child.workflowId} is still open`);
      return outcome;
    },
    'runs.find': async (input: unknown): Promise<Child> => {
      const { workflowId } = parseShape('runs.find', idSchema, input);
      const parent = deps.workflowId();
      requireOwn(workflowId, parent);
      return withDeadline(find(workflowId, parent, deps.client), deadlineMs, 'Temporal');
    },
  };
}

/** A run may read its own children only: a result can hold what a customer entrusted to another run. */
function requireOwn(workflowId: string, own: string | null): void {
  if (own !== null && workflowId.startsWith(`${own}/`)) return;
  throw activityFailure('InputInvalid', `runs.result: ${workflowId} is no child of this run`);
}

async function find(workflowId: string, parent: string | null, client: RunActivityDeps['client']): Promise<Child> {
  try {
    const { parentExecution, raw } = await client.getHandle(workflowId).describe();
    const runId = raw.workflowExecutionInfo?.firstRunId;
    if (runId && parentExecution?.workflowId === parent) return { workflowId, runId };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  throw activityFailure('ChildLost', `The run ${workflowId} was not started by this one`);
}

/** Undefined: the child has not ended. */
async function outcomeOf({ workflowId, runId }: Child, client: RunActivityDeps['client']) {
  try {
    const latest = await client.getHandle(workflowId).describe();
    // Runs that continue each other have the same first run. Earlier ones may have been deleted already.
    if (latest.raw.workflowExecutionInfo?.firstRunId === runId) {
      if (latest.closeTime === undefined) return undefined;
      return await endOf(client.getHandle(workflowId, latest.runId, { followRuns: false }).result());
    }
    // Somebody else's run has the id by now, so the child has ended.
    return await endOf(client.getHandle(workflowId, runId).result());
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw activityFailure('ChildLost', `Temporal no longer knows how the run ${workflowId} ended`);
  }
}

async function endOf(result: Promise<unknown>): Promise<ChildOutcome> {
  try {
    return { kind: 'completed', result: requireSmall((await result) as Json) }; // Temporal's payloads are JSON.
  } catch (error) {
    if (error instanceof WorkflowFailedError) return failureOf(error);
    throw error;
  }
}

/** A run that has not continued as new gets a larger one by reference. Temporal takes it from no activity. */
function requireSmall(result: Json): Json {
  const bytes = Buffer.byteLength(JSON.stringify(result ?? null)); // A result that somebody else made may be missing.
  if (bytes <= mostResultBytes) return result;
  const message = `The child's result takes ${bytes} bytes as JSON, and a run that continued as new takes ${mostResultBytes}`;
  throw activityFailure('ResponseTooLarge', message);
}

function failureOf({ cause, message: summary }: WorkflowFailedError): ChildOutcome {
  const message = rootCause(cause) ?? summary;
  if (cause instanceof CancelledFailure) return { kind: 'canceled', message };
  if (cause instanceof TimeoutFailure) return { kind: 'timedOut', message };
  if (!(cause instanceof ApplicationFailure)) return { kind: 'terminated', message };
  const details = cause.details?.[0] as { effect?: unknown } | undefined;
  return {
    kind: 'failed',
    type: cause.type ?? 'Error',
    message,
    effect: details?.effect === 'none' ? 'none' : 'unknown',
  };
}
