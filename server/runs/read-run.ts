import { type WorkflowClient, WorkflowFailedError, type WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { errorText } from '../../describe-error.ts';
import type { Json } from '../../language/json.ts';
import { printable, shortened } from '../../language/printable.ts';
import type { RunDetails, ShownValue } from '../../language/run-details.ts';
import { cutText, jsonBytes } from '../../language/well-formed.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { isGone } from './is-gone.ts';
import { maskDetails, maskShown } from './mask-details.ts';
import { runDetailsSchema } from './run-details-schema.ts';

/** What Temporal and the run itself tell. */
export interface RunReading {
  /** `gone`: Temporal knows no such run, any more. `unreachable`: it does not answer. */
  temporal: 'known' | 'gone' | 'unreachable';
  /** Temporal's: `RUNNING`, `COMPLETED`. Null unless it is known. */
  status: string | null;
  definition: string | null;
  startedAt: string | null;
  closedAt: string | null;
  /** Events of its history, which grows with whatever happens. */
  historyLength: number;
  /** Activities under way or between two attempts. Local ones, such as those on the database, are not told. */
  calls: PendingCall[];
  /** Null: see `missing`. */
  details: RunDetails | null;
  /** Why the run tells nothing about itself. */
  missing: string | null;
  /** Of a run that has completed. */
  result: ShownValue | null;
  /** Of a run that has ended otherwise. */
  failure: { type: string; message: string } | null;
}

export interface PendingCall {
  /** Of the step. */
  key: string;
  activity: string;
  attempt: number;
  /** Null: there is no limit. */
  mostAttempts: number | null;
  /** Of this attempt. Null: it has not begun. */
  startedAt: string | null;
  /** Null: the attempt is under way, or waits for a worker. */
  nextAttemptAt: string | null;
  /** Of the attempt before. */
  lastFailure: string | null;
}

interface ReadRunDeps {
  workflows: () => WorkflowClient;
  /** How long a worker may take to answer for the run, which it may have to replay. Default 5 s. */
  queryMs?: number;
}

const describeMs = 5_000;
const mostCalls = 50;
const mostResult = 2_000;

/** Asks Temporal and the run. Always resolves, in bounded time. A run to which nothing has happened since `previous` is not asked again. */
export async function readRun(
  { workflows, queryMs = 5_000 }: ReadRunDeps,
  workflowId: string,
  previous?: RunReading,
): Promise<RunReading> {
  try {
    const handle = workflows().getHandle(workflowId);
    const described = await withDeadline(handle.describe(), describeMs, 'Temporal');
    const [asked, end] = await Promise.all([
      isUnchanged(described, previous)
        ? { details: previous.details, missing: null }
        : detailsOf(() => handle.query<unknown>('details'), queryMs),
      isOpen(described) ? noEnd : endOf(() => handle.result()),
    ]);
    return { ...factsOf(described), ...asked, ...end };
  } catch (error) {
    const gone = isGone(error);
    const missing = gone
      ? 'Temporal does not know this run any more, so only what Kait has stored is left.'
      : `Temporal does not answer: ${oneLine(error)}`;
    return { ...nothing, temporal: gone ? 'gone' : 'unreachable', missing };
  }
}

function isUnchanged(now: WorkflowExecutionDescription, previous?: RunReading): previous is RunReading {
  if (previous === undefined || previous.details === null) return false;
  return previous.historyLength === now.historyLength && previous.status === now.status.name;
}

const noEnd = { result: null, failure: null };
const nothing: RunReading = {
  ...{ temporal: 'unreachable', status: null, definition: null, startedAt: null, closedAt: null, historyLength: 0 },
  ...{ calls: [], details: null, missing: null, ...noEnd },
};

function isOpen({ status }: Pick<WorkflowExecutionDescription, 'status'>): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}

function factsOf(described: WorkflowExecutionDescription) {
  const { status, type, startTime, closeTime, historyLength, raw } = described;
  return {
    temporal: 'known' as const,
    status: status.name,
    definition: type,
    startedAt: startTime.toISOString(),
    closedAt: closeTime?.toISOString() ?? null,
    historyLength,
    calls: (raw.pendingActivities ?? []).slice(0, mostCalls).map(callOf),
  };
}

type RawCall = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function callOf(raw: RawCall): PendingCall {
  const { activityId, activityType, attempt, maximumAttempts, lastFailure, lastStartedTime } = raw;
  const [startedAt, nextAttemptAt] = [instantOf(lastStartedTime), instantOf(raw.nextAttemptScheduleTime)];
  const isWaiting = nextAttemptAt !== null && (startedAt === null || nextAttemptAt > startedAt);
  const most = maximumAttempts ?? 0;
  return {
    key: activityId ?? '',
    activity: activityType?.name ?? '',
    attempt: attempt ?? 1,
    mostAttempts: most === 0 ? null : most,
    startedAt,
    nextAttemptAt: isWaiting ? nextAttemptAt : null,
    lastFailure: !lastFailure ? null : shortened(printable(lastFailure.message ?? ''), 1_000),
  };
}

interface RawTime {
  seconds?: { toNumber(): number } | number | null;
  nanos?: number | null;
}

function instantOf(time: RawTime | null | undefined): string | null {
  const seconds = Number(time?.seconds ?? 0);
  return seconds === 0 ? null : new Date(seconds * 1_000 + (time?.nanos ?? 0) / 1e6).toISOString();
}

type Told = Pick<RunReading, 'details' | 'missing'>;

async function detailsOf(query: () => Promise<unknown>, queryMs: number): Promise<Told> {
  try {
    const parsed = runDetailsSchema.safeParse(await withDeadline(query(), queryMs, 'A worker'));
    if (parsed.success) return { details: maskDetails(parsed.data), missing: null };
    return {
      details: null,
      missing: 'The run answers in a form that Kait does not know. Another version may have started it.',
    };
  } catch (error) {
    const missing = `No worker answers for the run, so its steps are not known: ${oneLine(error)}`;
    return { details: null, missing };
  }
}

async function endOf(result: () => Promise<unknown>): Promise<Pick<RunReading, 'result' | 'failure'>> {
  try {
    const value = ((await withDeadline(result(), describeMs, 'Temporal')) ?? null) as Json; // It was JSON in the history.
    const bytes = jsonBytes(value);
    const shown = bytes <= mostResult ? { value } : { beginning: cutText(JSON.stringify(value), 300), bytes };
    return { result: maskShown(shown), failure: null };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) return noEnd;
    return { result: null, failure: failureOf(error.cause) };
  }
}

function failureOf(cause: unknown): { type: string; message: string } {
  const message = shortened(printable(cause instanceof Error ? cause.message : String(cause)), 2_000);
  if (cause instanceof ApplicationFailure) return { type: cause.type ?? 'Error', message };
  if (cause instanceof CancelledFailure) return { type: 'Canceled', message };
  if (cause instanceof TerminatedFailure) return { type: 'Terminated', message };
  return { type: cause instanceof TimeoutFailure ? 'TimedOut' : 'Error', message };
}

function oneLine(error: unknown): string {
  return shortened(printable(errorText(error)), 300);
}
