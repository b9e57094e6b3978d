import { z } from 'zod';
import { printable } from '../../language/printable.ts';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';

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
export async function showDeliveries(
  admin: AdminClient,
  { limit, state }: { limit: number; state?: string | undefined },
): Promise<string> {
  const query = new URLSearchParams({ limit: String(limit), ...(state === undefined ? {} : { state }) });
  const { items: deliveries } = z
    .object({ items: z.array(delivery) })
    .parse(await admin.get(`/api/v1/deliveries?${query.toString()}`));
  if (deliveries.length === 0) return 'No deliveries.';
  return table(
    ['created', 'state', 'attempts', 'status', 'type', 'url', 'message', 'delivery', 'error'],
    deliveries.map((row) => [
      row.createdAt,
      row.state,
      row.attempts,
      row.lastStatus ?? '',
      row.type,
      row.url,
      row.messageId,
      row.id,
      row.lastError ?? '',
    ]),
  );
}

const retried = z.object({ retried: z.boolean(), why: z.string().nullable() });

const whyNot: Record<string, string> = {
  unknown: 'there is no such delivery',
  'not-refused': 'only a refused delivery can be tried again',
  'not-kept': 'the request that it forwards is no longer kept (keepBodies)',
};

/** `kait deliveries retry`: offers a refused delivery again. */
export async function retryDelivery(admin: AdminClient, id: string): Promise<string> {
  const answer = retried.parse(await admin.post(`/api/v1/deliveries/${encodeURIComponent(id)}/retry`, {}));
  if (answer.retried) return `${printable(id)} is tried again within seconds, where its schedule is.`;
  return `Not tried again: ${printable(id)}: ${whyNot[answer.why ?? ''] ?? answer.why}.`;
}
