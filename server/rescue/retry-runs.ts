import type { WorkflowClient } from '@temporalio/client';
import { runOfKey } from '../search/run-of-key.ts';
import { pageOfRuns, type PageOfRuns } from '../runs/page-of-runs.ts';
import { someAtATime } from '../runs/some-at-a-time.ts';
import { isLatest, retryRun, type Retried, type RetryDeps, type RetryRequest } from './retry-run.ts';

export interface RetryRunsRequest extends Omit<RetryRequest, 'workflowId'> {
  /** Only runs of this definition. Default: of all. */
  definition?: string | undefined;
  /** Only runs that have failed since then. RFC 3339. */
  since: string;
  /** Where an earlier look has ended; null: from the newest. */
  after: string | null;
  /** How many to look at. */
  limit: number;
}

export interface RetriedRuns {
  items: Retried[];
  /** Go on with this as `after`, if there may be more; null: there are none. */
  next: string | null;
}

/** Runs that are asked about at once: each has a worker replay its history. */
const atOnce = 4;

/**
 * Retries the runs that have failed, the newest failures first, as {@link retryRun} does each. Those that were canceled or terminated were ended on
 * purpose, and those that were retried before are left out: only the latest run of each family counts. Of detached child runs, the answer says that they
 * cannot be retried.
 */
export async function retryRuns(deps: RetryDeps, request: RetryRunsRequest): Promise<RetriedRuns> {
  const { actor, reason, undoFailed, current, dryRun } = request;
  const { ids, next } = await findFailed(deps, request);
  const answers = await someAtATime(ids, atOnce, (workflowId) =>
    retryLatest(deps, { workflowId, actor, reason, undoFailed, current, dryRun }),
  );
  return { items: answers.filter((answer) => answer !== null), next };
}

/** Null: it was retried before, or Kait does not know it. */
async function retryLatest(deps: RetryDeps, request: RetryRequest): Promise<Retried | null> {
  const root = runOfKey(request.workflowId);
  if (root !== request.workflowId) {
    const answer = await retryRun(deps, request);
    return answer.refused === 'child' ? answer : null;
  }
  return (await isLatest(deps.database, root)) ? retryRun(deps, request) : null;
}

function findFailed(
  deps: { client: WorkflowClient; installation: { id: string } },
  { definition, since, after, limit }: RetryRunsRequest,
): Promise<PageOfRuns> {
  const conditions = [
    `ExecutionStatus IN ('Failed', 'TimedOut')`,
    `CloseTime >= '${since}'`,
    ...(definition === undefined ? [] : [`WorkflowType = '${definition}'`]),
  ];
  return pageOfRuns(deps, conditions, { after, limit });
}
