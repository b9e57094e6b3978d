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

const delivery = z.object({
  id: z.string(),
  messageId: z.string(),
  type: z.string(),
  url: z.string(),
  state: z.string(),
  attempts: z.number(),
  lastStatus: z.number().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.string(),
});

/** `kait deliveries`: lists the newest deliveries of outbound webhooks. */
export async function showDeliveries(admin: AdminClient, options: { limit: number }): Promise<string> {
  const deliveries = z.array(delivery).parse(await admin.get(`/v1/deliveries?limit=${options.limit}`));
  if (deliveries.length === 0) return 'No deliveries.';
  return table(
    ['created', 'state', 'attempts', 'status', 'type', 'url', 'message', 'error'],
    deliveries.map((row) => [
      row.createdAt,
      row.state,
      row.attempts,
      row.lastStatus ?? '',
      row.type,
      row.url,
      row.messageId,
      row.lastError ?? '',
    ]),
  );
}
