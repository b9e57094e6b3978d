import { z } from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';

const event = z.object({
  source: z.string(),
  eventId: z.string(),
  type: z.string(),
  entity: z.string().nullable(),
  state: z.string(),
  duplicates: z.number(),
  receivedAt: z.string(),
  lastError: z.string().nullable(),
});

/** `kait events`: lists the received events, newest first. */
export async function showEvents(
  admin: AdminClient,
  options: { limit: number; state?: string; source?: string },
): Promise<string> {
  const { items: events } = z
    .object({ items: z.array(event) })
    .parse(
      await admin.get(`/api/v1/events?${new URLSearchParams({ ...options, limit: String(options.limit) }).toString()}`),
    );
  if (events.length === 0) return 'No events.';
  return table(
    ['received', 'source', 'event', 'type', 'state', 'sent again', 'reason'],
    events.map((row) => [
      row.receivedAt,
      row.source,
      row.eventId,
      row.type,
      row.state,
      row.duplicates === 0 ? '' : `${row.duplicates}×`,
      row.lastError ?? '',
    ]),
  );
}
