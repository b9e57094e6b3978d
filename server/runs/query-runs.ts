import type { Connection } from '@temporalio/client';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { StandingDeps } from '../search/runs-in-state.ts';

const deadlineMs = 10_000;

/** Lists runs of an installation as Temporal's own lists do. Rejects if Temporal does not answer. */
export function createQueryRuns(
  { connection, namespace }: { connection: Pick<Connection, 'workflowService'>; namespace: string },
  installation: string,
): StandingDeps['queryRuns'] {
  return async (query, { size, next }) => {
    const asked = connection.workflowService.listWorkflowExecutions({
      ...{ namespace, pageSize: size, ...(next !== null && { nextPageToken: next }) },
      query: `WorkflowId STARTS_WITH "${installation}/" AND ${query}`,
    });
    const { executions, nextPageToken } = await withDeadline(asked, deadlineMs, 'Temporal');
    const runs = executions.map(({ execution, type, parentExecution }) => ({
      workflowId: execution?.workflowId ?? '',
      definition: type?.name ?? '',
      parent: parentExecution?.workflowId ?? null,
    }));
    return { runs, next: nextPageToken.length === 0 ? null : nextPageToken };
  };
}
