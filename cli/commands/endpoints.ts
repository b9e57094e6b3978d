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

/** `kait endpoints add`: the only time that the secret is shown. */
export async function addEndpoint(admin: AdminClient, url: string, options: { events: string[] }): Promise<string> {
  const added = endpoint
    .extend({ secret: z.string() })
    .parse(await admin.post('/v1/endpoints', { url, patterns: options.events }));
  return [
    `Added ${added.id}: ${added.patterns.join(', ')} → ${added.url}`,
    `Secret: ${added.secret}`,
    'Give the secret to the receiver; it is not shown again. It verifies by Standard Webhooks.',
  ].join('\n');
}

/** `kait endpoints`: where outbound webhooks go. */
export async function showEndpoints(admin: AdminClient): Promise<string> {
  const endpoints = z.array(endpoint).parse(await admin.get('/v1/endpoints'));
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

/** `kait endpoints remove`: its unfinished deliveries end as refused. */
export async function removeEndpoint(admin: AdminClient, id: string): Promise<string> {
  return (await admin.delete(`/v1/endpoints/${encodeURIComponent(id)}`)) ? `Removed ${id}.` : `There is no ${id}.`;
}
