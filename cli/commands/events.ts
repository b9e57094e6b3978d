import { shownMoney } from '../../language/shown-money.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import type { FactOptions } from '../fact-options.ts';
import { nextPage, type ListOptions } from '../next-page.ts';
import { shownTime } from '../shown-time.ts';
import { table } from '../terminal.ts';

/** Which events to list. */
export interface EventsOptions extends FactOptions, ListOptions {
  state?: components['schemas']['ListedEvent']['state'];
  source?: string;
}

/** `kait events`: lists the received events, newest first. */
export async function showEvents(api: ApiClient, { utc, json, ...query }: EventsOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/events', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return 'No events.';
  const rows = table(
    ['received', 'source', 'event', 'type', 'order', 'amount', 'state', 'sent again', 'reason'],
    items.map((row) => [
      shownTime(row.receivedAt, { utc }),
      row.source,
      row.eventId,
      row.type,
      row.orderId ?? '',
      shownMoney(row),
      row.state,
      row.duplicates === 0 ? '' : `${row.duplicates}×`,
      row.lastError ?? '',
    ]),
  );
  return rows + nextPage(next);
}
