import { z } from 'zod';
import { printable } from '../../language/printable.ts';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';
import { approvalsOf, describe } from './approvals.ts';

const run = z.object({
  workflowId: z.string(),
  eventType: z.string(),
  entity: z.string().nullable(),
  startedAt: z.string(),
  status: z.string(),
});

/** `kait runs`: lists the newest runs with their status in Temporal. */
export async function showRuns(admin: AdminClient, options: { limit: number }): Promise<string> {
  const { items: runs } = z
    .object({ items: z.array(run) })
    .parse(await admin.get(`/api/v1/runs?limit=${options.limit}`));
  if (runs.length === 0) return 'No runs.';
  return table(
    ['started', 'status', 'run', 'event type', 'entity'],
    runs.map((row) => [row.startedAt, row.status, row.workflowId, row.eventType, row.entity]),
  );
}

/** `kait runs show`: a run with its status, and what people were asked and have answered. */
export async function showRun(admin: AdminClient, workflowId: string): Promise<string> {
  const { status, startedAt, eventType, entity, ...row } = run.parse(
    await admin.get(`/api/v1/runs/${encodeURIComponent(workflowId)}`),
  );
  const facts = [`status: ${status}`, `started: ${startedAt}`, `event: ${eventType} ${entity ?? ''}`.trimEnd()];
  const asked = await approvalsOf(admin, row.workflowId);
  return [printable(row.workflowId), ...facts.map((fact) => `  ${printable(fact)}`), ...asked.map(describe)].join('\n');
}
