import type { WorkflowClient } from '@temporalio/client';
import { isLatest } from '../rescue/retry-run.ts';
import { pageOfRuns, type PageOfRuns } from '../runs/page-of-runs.ts';
import { someAtATime } from '../runs/some-at-a-time.ts';
import { migrateRun, type MigrateDeps, type Migrated, type MigrateRequest } from './migrate-run.ts';

export interface MigrateRunsRequest extends Omit<MigrateRequest, 'workflowId'> {
  definition: string;
  /** Only runs that have started since then. RFC 3339. */
  since?: string | undefined;
  /** Where an earlier look has ended; null: from the newest. */
  after: string | null;
  /** How many to look at. */
  limit: number;
}

export interface MigratedRuns {
  items: Migrated[];
  /** Go on with this as `after`, if there may be more; null: there are none. */
  next: string | null;
}

/** Runs that are asked at once: each may have a worker replay its history. */
const atOnce = 4;

/** Has all runs under way of a definition take it as it is served now, the newest first, as {@link migrateRun} does each. */
export async function migrateRuns(deps: MigrateDeps, request: MigrateRunsRequest): Promise<MigratedRuns> {
  const { ids, next } = await findOpen(deps, request);
  const answers = await someAtATime(ids, atOnce, (workflowId) => migrateOne(deps, { ...request, workflowId }));
  return { items: answers.filter((answer) => answer !== null), next };
}

/** Null: it is no run that an event has started, or it has just ended and goes on as another one. */
async function migrateOne(deps: MigrateDeps, request: MigrateRequest): Promise<Migrated | null> {
  return (await isLatest(deps.database, request.workflowId)) ? migrateRun(deps, request) : null;
}

/** A run that has taken a definition counts as started anew, and is on none of the next pages. */
function findOpen(
  deps: { client: WorkflowClient; installation: { id: string } },
  { definition, since, after, limit }: MigrateRunsRequest,
): Promise<PageOfRuns> {
  const conditions = [
    `ExecutionStatus = 'Running'`,
    `WorkflowType = '${definition}'`,
    ...(since === undefined ? [] : [`StartTime >= '${since}'`]),
  ];
  return pageOfRuns(deps, conditions, { after, limit });
}
