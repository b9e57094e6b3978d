import { api, answerOf } from '../../app/api.ts';
import { given } from '../../app/given.ts';
import { runLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { periods, useSince } from '../../app/periods.ts';
import { useLoad } from '../../app/use-load.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Filter, FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { type RunState, runTones } from '../../parts/tones.ts';
import { useWords, type Words } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';
import { RetryFailed } from './retry-failed.tsx';

type Run = components['schemas']['Run'];

const pageSize = 50;
/** The filters that retrying many runs knows. */
const together = new Set(['state', 'definition', 'since']);

/** The runs, newest first. */
export default function RunList() {
  const words = useWords();
  const { runs } = words;
  const query = useFilters(['definition', 'state', 'source', 'step', 'since', 'order', 'payment', 'customer']);
  const began = useSince(query.since);
  const list = usePages(JSON.stringify(query), (cursor, signal) => {
    const filters = {
      ...query,
      state: query.state as Exclude<RunState, 'unknown'> | undefined, // The API refuses others.
      since: began,
      cursor,
      limit: pageSize,
    };
    return answerOf(api.GET('/runs', { signal, params: { query: given(filters) } }));
  });
  useLive(['runs'], list.reload);
  const status = useLoad('status', (signal) => answerOf(api.GET('/status', { signal })));
  return (
    <Page
      title={runs.title}
      about={runs.about}
      actions={isAllFailed(query) && <RetryFailed definition={query.definition} since={began} reload={list.reload} />}
    >
      <FilterBar filters={filtersIn(words, status.data ?? { sources: [], definitions: [] })} />
      <Card isFlush>
        <Load of={list}>
          {(items) =>
            items.length === 0 && !list.hasMore ? (
              <Empty
                icon={Object.keys(query).length > 0 ? 'filter' : 'run'}
                title={Object.keys(query).length > 0 ? runs.emptyFiltered : runs.empty}
              >
                {Object.keys(query).length === 0 && <p>{runs.emptyWhat}</p>}
              </Empty>
            ) : (
              <>
                <Table
                  caption={runs.title}
                  columns={columnsIn(words)}
                  rows={items}
                  keyOf={({ workflowId }) => workflowId}
                  hrefOf={({ workflowId }) => runLink(workflowId)}
                />
                {list.hasMore && <More isLoading={list.isLoadingMore} onMore={() => void list.more()} />}
              </>
            )
          }
        </Load>
      </Card>
    </Page>
  );
}

/** Whether the list has all failed runs, of one definition or of a time if that is chosen: those can be retried together. */
function isAllFailed(query: Record<string, string | undefined>): boolean {
  const others = Object.entries(query).filter(([name, value]) => value !== undefined && !together.has(name));
  return query.state === 'failed' && others.length === 0;
}

function columnsIn({ runs }: Words): Column<Run>[] {
  const { columns } = runs;
  return [
    {
      head: columns.run,
      isWide: true,
      cell: ({ definition, source, eventId }) => (
        <>
          <span class="cut">{definition}</span>
          <span class="second mono cut">
            {source}/{eventId}
          </span>
        </>
      ),
    },
    {
      head: columns.state,
      cell: ({ state, step, why }) => (
        <>
          <Badge tone={runTones[state]}>{runs.states[state]}</Badge>
          {step !== null && (
            <span class="second cut note-cell" title={why ?? undefined}>
              {runs.atStep(step)}
            </span>
          )}
        </>
      ),
    },
    { head: columns.order, cell: ({ orderId }) => orderId !== null && <span class="cut order-cell">{orderId}</span> },
    {
      head: columns.amount,
      align: 'right',
      cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
    },
    { head: columns.event, cell: ({ eventType }) => eventType },
    { head: columns.started, align: 'right', cell: ({ startedAt }) => <Time at={startedAt} /> },
  ];
}

function filtersIn(
  { runs, events }: Words,
  { sources, definitions }: { sources: readonly string[]; definitions: readonly string[] },
): Filter[] {
  const { filters } = runs;
  const same = (value: string) => ({ value, label: value });
  const states = Object.entries(runs.states).filter(([state]) => state !== 'unknown');
  return [
    {
      kind: 'choice',
      name: 'state',
      label: filters.state,
      options: states.map(([value, label]) => ({ value, label })),
    },
    { kind: 'choice', name: 'definition', label: filters.definition, options: definitions.map(same) },
    {
      kind: 'choice',
      name: 'since',
      label: filters.since,
      options: periods.map((value) => ({ value, label: runs.periods[value] })),
    },
    { kind: 'choice', name: 'source', label: filters.source, options: sources.map(same) },
    { kind: 'text', name: 'step', label: filters.step },
    { kind: 'text', name: 'order', label: filters.order },
    { kind: 'text', name: 'payment', label: filters.payment },
    { kind: 'text', name: 'customer', label: filters.customer, placeholder: events.customerHint },
  ];
}
