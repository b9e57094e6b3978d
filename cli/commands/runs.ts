import { z } from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';

const run = z.object({
  workflowId: z.string(),
  eventType: z.string(),
  entity: z.string().nullable(),
  startedAt: z.string(),
  status: z.string(),
});

/** `kait runs`: lists the newest runs with their status in Temporal. */
export async function showRuns(admin: AdminClient, options: { limit: number }): Promise<string> {
  const runs = z.array(run).parse(await admin.get(`/v1/runs?limit=${options.limit}`));
  if (runs.length === 0) return 'No runs.';
  return table(
    ['started', 'status', 'run', 'event type', 'entity'],
    runs.map((row) => [row.startedAt, row.status, row.workflowId, row.eventType, row.entity]),
  );
}
