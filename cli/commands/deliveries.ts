import { printable } from '../../language/printable.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components } from '../api-types.ts';
import { nextPage, type ListOptions } from '../next-page.ts';
import { shownTime } from '../shown-time.ts';
import { table } from '../terminal.ts';

type Delivery = components['schemas']['Delivery'];

/** Which deliveries to list. */
export interface DeliveriesOptions extends ListOptions {
  state?: Delivery['state'];
  endpoint?: string;
  type?: string;
  order?: string;
  run?: string;
  since?: string;
  until?: string;
}

/** `kait deliveries`: lists the newest deliveries of outbound webhooks. */
export async function showDeliveries(api: ApiClient, { utc, json, ...query }: DeliveriesOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/deliveries', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return 'No deliveries.';
  const rows = table(
    ['created', 'state', 'attempts', 'status', 'type', 'order', 'url', 'delivery', 'endpoint', 'run', 'error'],
    items.map((row) => [
      shownTime(row.createdAt, { utc }),
      stateOf(row),
      row.attempts,
      row.lastStatus ?? '',
      row.type,
      row.orderId ?? '',
      row.url,
      row.id,
      row.endpoint,
      row.run ?? '',
      row.lastError ?? '',
    ]),
  );
  return rows + nextPage(next);
}

const whyNot = {
  unknown: 'there is no such delivery',
  'under-way': 'it has not ended',
  delivered: 'it was delivered. Add --again to send it again all the same',
  'no-endpoint': 'its endpoint was removed',
  'not-kept': 'the request that it forwards is no longer kept (keepBodies)',
};

/** `kait deliveries retry`: has one delivery sent again. */
export async function retryDelivery(
  api: ApiClient,
  id: string,
  { again = false }: { again?: boolean },
): Promise<string> {
  const params = { path: { delivery: id } };
  const { why, parkedBecause } = await answerOf(api.POST('/deliveries/{delivery}/retry', { params, body: { again } }));
  if (why !== null) return `Not sent again: ${printable(id)}: ${whyNot[why]}.`;
  if (parkedBecause !== null)
    return `${printable(id)} is sent again later. It is parked: ${parkedReasons[parkedBecause]}.`;
  return `${printable(id)} is sent again within seconds, with a new round of its schedule.`;
}

/** What a parked delivery waits for. */
export const parkedReasons: Record<NonNullable<Delivery['parkedBecause']>, string> = {
  paused: 'its endpoint is paused',
  disabled: 'its endpoint is disabled',
  circuit: 'too many attempts at its endpoint failed',
  order: 'the delivery before it has not ended',
  concurrency: 'its endpoint takes no more requests at once',
};

/** `parked: paused`. */
export function stateOf({ state, parkedBecause }: Pick<Delivery, 'state' | 'parkedBecause'>): string {
  return parkedBecause === null ? state : `${state}: ${parkedBecause}`;
}
