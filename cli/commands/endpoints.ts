import { answerOf, type ApiClient, ApiRefusal } from '../api-client.ts';
import { table } from '../terminal.ts';

/** `kait endpoints add`: adds an endpoint and shows its secret, which is never shown again. */
export async function addEndpoint(api: ApiClient, url: string, options: { events: string[] }): Promise<string> {
  const body = { url, patterns: options.events };
  const added = await answerOf(api.POST('/endpoints', { body }));
  return [
    `Added ${added.id}: ${added.patterns.join(', ')} → ${added.url}`,
    `Secret: ${added.secret ?? ''}`,
    'Give the secret to the receiver now: it is not shown again. Signatures follow Standard Webhooks.',
  ].join('\n');
}

/** `kait endpoints`: lists the endpoints of outbound webhooks. */
export async function showEndpoints(api: ApiClient): Promise<string> {
  const { items: endpoints } = await answerOf(api.GET('/endpoints'));
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
export async function removeEndpoint(api: ApiClient, id: string): Promise<string> {
  try {
    await answerOf(api.DELETE('/endpoints/{endpoint}', { params: { path: { endpoint: id } } }));
    return `Removed ${id}.`;
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 404) return `There is no endpoint ${id}.`;
    throw error;
  }
}
