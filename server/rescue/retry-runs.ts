import type { WorkflowClient } from '@temporalio/client';
import { findLatest, retryRun, type Retried, type RetryDeps, type RetryRequest } from './retry-run.ts';

export interface RetryRunsRequest extends Omit<RetryRequest, 'workflowId'> {
  /** Only runs of this definition. Default: of all. */
  definition?: string | undefined;
  /** Only runs that have failed since then, and before the second. RFC 3339. */
  since: string;
  before?: string | undefined;
  /** How many to look at. */
  limit: number;
}

export interface RetriedRuns {
  items: Retried[];
  /** Go on with this as `before`, if there may be more; null: there are none. RFC 3339. */
  next: string | null;
}

/** Runs that are asked about at once: each has a worker replay its history. */
const atOnce = 4;

/**
 * Retries the runs that have failed, the newest failures first, as {@link retryRun} does each. Those that were canceled or terminated were ended on
 * purpose, and those that were retried before are left out: only the latest run of each family counts.
 */
export async function retryRuns(deps: RetryDeps, request: RetryRunsRequest): Promise<RetriedRuns> {
  const { actor, reason, undoFailed, current, dryRun, limit } = request;
  const failed = await findFailed(deps, request);
  const items: Retried[] = [];
  for (let start = 0; start < failed.length; start += atOnce) {
    const some = failed.slice(start, start + atOnce);
    const answers = await Promise.all(
      some.map(({ workflowId }) => retryLatest(deps, { workflowId, actor, reason, undoFailed, current, dryRun })),
    );
    items.push(...answers.filter((answer) => answer !== null));
  }
  return { items, next: failed.length < limit ? null : (failed.at(-1)?.closedAt ?? null) };
}

/** Null: it was retried before, or is no run that an event has started. */
async function retryLatest(deps: RetryDeps, request: RetryRequest): Promise<Retried | null> {
  const latest = await findLatest(deps.database, request.workflowId);
  if (latest?.workflowId !== request.workflowId || latest.pending) return null;
  return retryRun(deps, request);
}

interface Failed {
  workflowId: string;
  closedAt: string;
}

async function findFailed(
  { client, installation }: { client: WorkflowClient; installation: { id: string } },
  { definition, since, before, limit }: RetryRunsRequest,
): Promise<Failed[]> {
  const query = [
    `ExecutionStatus IN ('Failed', 'TimedOut')`,
    `WorkflowId STARTS_WITH '${installation.id}/'`,
    `CloseTime >= '${since}'`,
    ...(before === undefined ? [] : [`CloseTime < '${before}'`]),
    ...(definition === undefined ? [] : [`WorkflowType = '${definition}'`]),
  ].join(' AND ');
  const failed: Failed[] = [];
  for await (const { workflowId, closeTime, parentExecution } of client.list({ query, pageSize: 100 })) {
    if (parentExecution !== undefined || closeTime === undefined) continue;
    failed.push({ workflowId, closedAt: closeTime.toISOString() });
    if (failed.length === limit) break;
  }
  return failed;
}
