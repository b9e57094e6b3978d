import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { nextPage, type ListOptions } from '../next-page.ts';
import { shownTime } from '../shown-time.ts';
import { table } from '../terminal.ts';

/** Which deliveries to list. */
export interface DeliveriesOptions extends ListOptions {
  state?: components['schemas']['Delivery']['state'];
}

/** `kait deliveries`: lists the newest deliveries of outbound webhooks. */
export async function showDeliveries(api: ApiClient, { utc, json, ...query }: DeliveriesOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/deliveries', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return 'No deliveries.';
  const rows = table(
    ['created', 'state', 'attempts', 'status', 'type', 'order', 'url', 'delivery', 'run', 'error'],
    items.map((row) => [
      shownTime(row.createdAt, { utc }),
      row.state,
      row.attempts,
      row.lastStatus ?? '',
      row.type,
      row.orderId ?? '',
      row.url,
      row.id,
      row.run,
      row.lastError ?? '',
    ]),
  );
  return rows + nextPage(next);
}

const whyNot: Record<string, string> = {
  unknown: 'there is no such delivery',
  'not-refused': 'only a refused delivery can be tried again',
  'not-kept': 'the request that it forwards is no longer kept (keepBodies)',
};

/** `kait deliveries retry`: offers a refused delivery again. */
export async function retryDelivery(api: ApiClient, id: string): Promise<string> {
  const params = { path: { delivery: id } };
  const answer = await answerOf(api.POST('/deliveries/{delivery}/retry', { params }));
  if (answer.retried) return `${printable(id)} is tried again within seconds, where its schedule is.`;
  return `Not tried again: ${printable(id)}: ${whyNot[answer.why ?? ''] ?? answer.why}.`;
}
