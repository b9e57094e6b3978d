import { z } from 'zod';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';

const endpoint = z.object({
  id: z.string(),
  url: z.string(),
  patterns: z.array(z.string()),
  state: z.string(),
  disabledReason: z.string().nullable(),
});

/** `kait endpoints add`: adds an endpoint and shows its secret, which is never shown again. */
export async function addEndpoint(admin: AdminClient, url: string, options: { events: string[] }): Promise<string> {
  const added = endpoint
    .extend({ secret: z.string() })
    .parse(await admin.post('/api/v1/endpoints', { url, patterns: options.events }));
  return [
    `Added ${added.id}: ${added.patterns.join(', ')} → ${added.url}`,
    `Secret: ${added.secret}`,
    'Give the secret to the receiver now: it is not shown again. Signatures follow Standard Webhooks.',
  ].join('\n');
}

/** `kait endpoints`: lists the endpoints of outbound webhooks. */
export async function showEndpoints(admin: AdminClient): Promise<string> {
  const { items: endpoints } = z.object({ items: z.array(endpoint) }).parse(await admin.get('/api/v1/endpoints'));
  if (endpoints.length === 0) return `No endpoints. Add one: kait endpoints add https://… --events 'order.*'`;
  return table(
    ['id', 'state', 'events', 'url'],
    endpoints.map((row) => [
      row.id,
      row.disabledReason === null ? row.state : `${row.state}: ${row.disabledReason}`,
      row.patterns.join(', '),
      row.url,
    ]),
  );
}

/** `kait endpoints remove`: removes an endpoint and cancels its unfinished deliveries. */
export async function removeEndpoint(admin: AdminClient, id: string): Promise<string> {
  return (await admin.delete(`/api/v1/endpoints/${encodeURIComponent(id)}`))
    ? `Removed ${id}.`
    : `There is no endpoint ${id}.`;
}
