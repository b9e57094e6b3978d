import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { withoutSecrets } from '../../describe-error.ts';
import { printable, shortened } from '../../language/printable.ts';
import type { RunStanding } from '../../language/run-standing.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { searchAttributes } from '../search-attributes.ts';
import { someAtATime } from './some-at-a-time.ts';

/** What a run does, or how it has ended. `running`: it just works. `unknown`: Temporal did not say, or knows no such run. */
export type RunState = 'running' | RunStanding | 'completed' | 'failed' | 'canceled' | 'terminated' | 'unknown';

/** How a run stands, as Temporal says. */
export interface RunLook {
  /** Temporal's own word: `RUNNING`, `FAILED`. */
  status: string;
  state: RunState;
  /** The key of the step that it waits at, is parked at, or has failed at. */
  step: string | null;
  /** Why it has failed or was terminated: one short line without secrets. */
  why: string | null;
  startedAt: Date | null;
}

/** Looks at a run. Null: Temporal did not answer, or does not know the run. Never rejects. */
export type LookAtRun = (workflowId: string) => Promise<RunLook | null>;

/** As much of the service as is used. */
interface ReadsHistory {
  getWorkflowExecutionHistory(request: {
    namespace: string;
    execution: { workflowId: string; runId: string };
    historyEventFilterType: number;
  }): Promise<{ history?: { events?: LastEvent[] | null } | null }>;
}

interface LastEvent {
  workflowExecutionTerminatedEventAttributes?: { reason?: string | null } | null;
  workflowExecutionFailedEventAttributes?: { failure?: Failure | null } | null;
}

interface Failure {
  message?: string | null;
  applicationFailureInfo?: { details?: { payloads?: { data?: Uint8Array | null }[] | null } | null } | null;
}

export interface LookDeps {
  client: Pick<Client, 'workflow'>;
  connection: { workflowService: ReadsHistory };
  namespace: string;
}

const deadlineMs = 3_000;
const longestWhy = 300;
/** `HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT` of Temporal's API. */
const closeEventOnly = 2;

const ends: Readonly<Record<string, RunState>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  TIMED_OUT: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'terminated',
};

export function createLookAtRun(deps: LookDeps): LookAtRun {
  return async (workflowId) => {
    try {
      return await withDeadline(look(deps, workflowId), deadlineMs, 'Temporal');
    } catch {
      return null; // Temporal is unreachable, or the run is past the namespace's retention.
    }
  };
}

async function look(deps: LookDeps, workflowId: string): Promise<RunLook> {
  const described = await deps.client.workflow.getHandle(workflowId).describe();
  const { name: status } = described.status;
  const { startTime: startedAt } = described;
  const ended = ends[status];
  if (ended === undefined) return { status, startedAt, why: null, ...standingOf(described) };
  const end = ended === 'failed' || ended === 'terminated' ? await readEnd(deps, described) : noEnd;
  return { status, startedAt, state: ended, ...end };
}

function standingOf({ typedSearchAttributes }: WorkflowExecutionDescription): Pick<RunLook, 'state' | 'step'> {
  const state = typedSearchAttributes.get(searchAttributes.state) as RunStanding | undefined; // Only Kait writes it.
  return { state: state ?? 'running', step: typedSearchAttributes.get(searchAttributes.step) ?? null };
}

const noEnd = { step: null, why: null };

/** Reads the last event of the history. Temporal may have only the list's entry left of a very old one. */
async function readEnd(
  { connection, namespace }: LookDeps,
  { workflowId, runId, status }: WorkflowExecutionDescription,
): Promise<Pick<RunLook, 'step' | 'why'>> {
  if (status.name === 'TIMED_OUT') return { step: null, why: 'It has reached the time limit of all runs.' };
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    ...{ namespace, execution: { workflowId, runId }, historyEventFilterType: closeEventOnly },
  });
  const last = history?.events?.at(-1);
  const terminated = last?.workflowExecutionTerminatedEventAttributes?.reason ?? null;
  if (terminated !== null) return { step: null, why: oneLine(terminated) };
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  const details = failure?.applicationFailureInfo?.details?.payloads?.[0]?.data;
  return { step: stepOf(details), why: oneLine(failure?.message ?? '') };
}

/** The step that the interpreter has named: see `failureOf` of `workflows/interpret.ts`. */
function stepOf(details: Uint8Array | null | undefined): string | null {
  try {
    const { stepId } = JSON.parse(Buffer.from(details ?? []).toString()) as { stepId?: unknown };
    return typeof stepId === 'string' ? stepId : null;
  } catch {
    return null; // Not an interpreter's failure.
  }
}

function oneLine(text: string): string | null {
  const line = printable(withoutSecrets(text)).replaceAll(/ {2,}/g, ' ').trim();
  return line === '' ? null : shortened(line, longestWhy);
}

const lookedAtOnce = 20;

/** Looks at several runs, some at a time, in their order. */
export function lookAtRuns(lookAtRun: LookAtRun, workflowIds: readonly string[]): Promise<(RunLook | null)[]> {
  return someAtATime(workflowIds, lookedAtOnce, lookAtRun);
}
