import type { Database } from './database.ts';
import type { PayloadStore } from './payload-store.ts';

const dueSql = `select idempotency_key as key from activity_results where check_at <= now() order by check_at limit $1`;
const keepSql = `update activity_results set check_at = now() + interval '30 days' where idempotency_key = $1`;
const releaseSql = `delete from activity_results where idempotency_key = $1 and check_at <= now() returning idempotency_key`;

/**
 * The results of activities as what is released once Temporal has forgotten their runs. Each is its own owner: its key is the workflow's id
 * and more. They are asked about for the first time after 90 days, when most runs are long gone, and then every 30.
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
