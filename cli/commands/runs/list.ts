import { KaitError } from '../../../errors.ts';
import { shownMoney } from '../../../language/shown-money.ts';
import { answerOf, type ApiClient } from '../../api-client.ts';
import type { operations } from '../../api-types.ts';
import type { FactOptions } from '../../fact-options.ts';
import { nextPage, type ListOptions } from '../../next-page.ts';
import { shownTime } from '../../shown-time.ts';
import { table } from '../../terminal.ts';

/** Which runs to list. */
export interface RunsOptions extends FactOptions, ListOptions {
  definition?: string;
  source?: string;
  since?: string;
  state?: NonNullable<Query['state']>;
  step?: string;
  /** Those in the state `failed`. */
  failed?: boolean;
}

type Query = NonNullable<operations['get_runs']['parameters']['query']>;

/** `kait runs`: lists runs and how they stand, the newest first. */
export async function showRuns(api: ApiClient, { utc, json, failed, ...rest }: RunsOptions): Promise<string> {
  if (failed === true && rest.state !== undefined && rest.state !== 'failed') {
    throw new KaitError('KAIT_USAGE', '--failed is --state failed. Give one of them.');
  }
  const query = failed === true ? { ...rest, state: 'failed' as const } : rest;
  const { items, next } = await answerOf(api.GET('/runs', { params: { query } }));
  if (json === true) return JSON.stringify({ items, next }, null, 2);
  if (items.length === 0) return next === null ? 'No runs.' : `None so far.${nextPage(next)}`;
  const rows = table(
    ['started', 'state', 'step', 'order', 'amount', 'run', 'event type', 'why'],
    items.map((row) => [
      shownTime(row.startedAt, { utc }),
      row.state,
      row.step ?? '',
      row.orderId ?? '',
      shownMoney(row),
      row.workflowId,
      row.eventType,
      row.why ?? '',
    ]),
  );
  return rows + nextPage(next);
}
