import type { Database } from './database.ts';
import type { PayloadStore } from './payload-store.ts';

const dueSql = `select idempotency_key as key from activity_results where check_at <= now() order by check_at limit $1`;
const keepSql = `update activity_results set check_at = now() + interval '30 days' where idempotency_key = $1`;
const releaseSql = `delete from activity_results where idempotency_key = $1 and check_at <= now() returning idempotency_key`;

const successorsSql = `
  select workflow_id as "workflowId" from rescues where root = any($1) and state <> 'refused' order by number desc`;

/** The runs that go on from these under the same keys, and so may ask for their results: the latest first. */
export async function successorsOf(database: Database, workflowIds: string[]): Promise<string[]> {
  const rows = await database.run<{ workflowId: string }>('results-successors', successorsSql, [workflowIds]);
  return rows.map(({ workflowId }) => workflowId);
}

/**
 * The results of activities as what is released once Temporal has forgotten their runs. Each is its own owner: its key is the workflow's id
 * and more, or that of the first run if runs go on from each other: see {@link successorsOf}. They are asked about for the first time after 90 days, when most runs are long gone, and then every 30.
 */
export function activityResults(database: Database): Pick<PayloadStore, 'due' | 'keep' | 'release'> {
  return {
    async due(_namespace, most) {
      return (await database.run<{ key: string }>('results-due', dueSql, [most])).map(({ key }) => key);
    },
    async keep({ workflowId }) {
      await database.run('results-keep', keepSql, [workflowId]);
    },
    async release({ workflowId }) {
      return (await database.run('results-release', releaseSql, [workflowId])).length;
    },
  };
}
