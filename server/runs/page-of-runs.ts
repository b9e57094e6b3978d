import type { WorkflowClient } from '@temporalio/client';
import { isDetached, parentOf } from './is-detached.ts';

export interface PageOfRuns {
  /** Workflow ids. Child runs are left out, but for detached ones, so there may be fewer than were asked for. */
  ids: string[];
  /** Go on with this as `after`; null: there are no more. */
  next: string | null;
}

/**
 * A page of the runs of this installation that meet all `conditions` of a Temporal list filter, in Temporal's order: those under way first, then the
 * newest end first. By Temporal's own page tokens, which also tell runs apart that ended in the same millisecond.
 */
export async function pageOfRuns(
  { client, installation }: { client: WorkflowClient; installation: { id: string } },
  conditions: string[],
  { after, limit }: { after: string | null; limit: number },
): Promise<PageOfRuns> {
  const query = [`WorkflowId STARTS_WITH '${installation.id}/'`, ...conditions].join(' AND ');
  const { executions, nextPageToken } = await client.workflowService.listWorkflowExecutions({
    ...{ namespace: client.options.namespace, query, pageSize: limit },
    ...(after !== null && { nextPageToken: Buffer.from(after, 'base64') }),
  });
  const ids = executions.flatMap((listed) => {
    const id = listed.execution?.workflowId ?? '';
    return id !== '' && (parentOf(listed) === null || isDetached(listed)) ? [id] : [];
  });
  return { ids, next: nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null };
}
