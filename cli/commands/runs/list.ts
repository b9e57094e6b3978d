import { shownMoney } from '../../../language/shown-money.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import type { FactOptions } from '../../fact-options.ts';
import { nextPage, type ListOptions } from '../../next-page.ts';
import { shownTime } from '../../shown-time.ts';
import { table } from '../../terminal.ts';

/** Which runs to list. */
export interface RunsOptions extends FactOptions, ListOptions {
  definition?: string;
  source?: string;
  since?: string;
}

/** `kait runs`: lists runs with their status in Temporal, the newest first. */
export async function showRuns(api: ApiClient, { utc, json, ...query }: RunsOptions): Promise<string> {
  const { items, next } = await answerOf(api.GET('/runs', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return 'No runs.';
  const rows = table(
    ['started', 'status', 'order', 'amount', 'run', 'event type'],
    items.map((row) => [
      shownTime(row.startedAt, { utc }),
      row.status,
      row.orderId ?? '',
      shownMoney(row),
      row.workflowId,
      row.eventType,
    ]),
  );
  return rows + nextPage(next);
}
