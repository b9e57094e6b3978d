import type { Connection } from '@temporalio/client';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { StandingDeps } from '../search/runs-in-state.ts';
import { isDetached, parentOf } from './is-detached.ts';

const deadlineMs = 10_000;

export interface RunQueries {
  queryRuns: StandingDeps['queryRuns'];
  countRuns: (query: string) => Promise<number>;
}

/** Lists and counts runs of an installation, as Temporal's own lists do. Rejects if Temporal does not answer. */
export function createRunQueries(
  { connection, namespace }: { connection: Pick<Connection, 'workflowService'>; namespace: string },
  installation: string,
): RunQueries {
  const own = (query: string) => `WorkflowId STARTS_WITH "${installation}/" AND ${query}`;
  const queryRuns: RunQueries['queryRuns'] = async (query, { size, next }) => {
    const asked = connection.workflowService.listWorkflowExecutions({
      ...{ namespace, pageSize: size, ...(next !== null && { nextPageToken: next }) },
      query: own(query),
    });
    const { executions, nextPageToken } = await withDeadline(asked, deadlineMs, 'Temporal');
    const runs = executions.map((listed) => ({
      workflowId: listed.execution?.workflowId ?? '',
      definition: listed.type?.name ?? '',
      ...{ parent: parentOf(listed), isDetached: isDetached(listed) },
      ...{ startedAt: dateOf(listed.startTime), closedAt: dateOf(listed.closeTime) },
    }));
    return { runs, next: nextPageToken.length === 0 ? null : nextPageToken };
  };
  return {
    queryRuns,
    async countRuns(query) {
      const asked = connection.workflowService.countWorkflowExecutions({ namespace, query: own(query) });
      return Number((await withDeadline(asked, deadlineMs, 'Temporal')).count);
    },
  };
}

type Timestamp = { seconds?: { toString(): string } | null; nanos?: number | null } | null | undefined;

function dateOf(time: Timestamp): Date | null {
  if (time?.seconds === null || time?.seconds === undefined) return null;
  return new Date(Number(time.seconds.toString()) * 1_000 + Math.trunc((time.nanos ?? 0) / 1_000_000));
}
