import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { table } from '../terminal.ts';

/** Which events to list. */
export interface EventsOptions {
  limit: number;
  state?: components['schemas']['ListedEvent']['state'];
  source?: string;
}

/** `kait events`: lists the received events, newest first. */
export async function showEvents(api: ApiClient, options: EventsOptions): Promise<string> {
  const { items } = await answerOf(api.GET('/events', { params: { query: options } }));
  if (items.length === 0) return 'No events.';
  return table(
    ['received', 'source', 'event', 'type', 'state', 'sent again', 'reason'],
    items.map((row) => [
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
