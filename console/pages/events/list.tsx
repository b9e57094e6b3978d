import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { given } from '../../app/given.ts';
import { eventLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Filter, FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { type EventState, eventTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';

type ListedEvent = components['schemas']['ListedEvent'];

const pageSize = 50;

/** What the gateways have sent, as it comes in. */
export default function EventList() {
  const words = useWords();
  const { events } = words;
  const query = useFilters(['source', 'state', 'order', 'payment', 'customer', 'amount']);
  const [isLive, setLive] = useState(true);
  const list = usePages(JSON.stringify(query), (cursor, signal) => {
    const state = query.state as EventState | undefined; // The API refuses others.
    const filters = { ...query, state, cursor, limit: pageSize };
    return answerOf(api.GET('/events', { signal, params: { query: given(filters) } }));
  });
  useLive(['events'], () => (isLive ? list.reload() : undefined));
  const status = useLoad('status', (signal) => answerOf(api.GET('/status', { signal })));
  return (
    <Page
      title={events.title}
      about={events.about}
      actions={
        <Button
          icon={isLive ? 'pause' : 'play'}
          title={isLive ? events.pauseWhat : events.resumeWhat}
          onClick={() => setLive(!isLive)}
        >
          {isLive ? events.pause : events.resume}
        </Button>
      }
    >
      <FilterBar filters={filtersIn(words, status.data?.sources ?? [])} />
      <Card isFlush>
        <Load of={list}>
          {(items) =>
            items.length === 0 ? (
              <NoEvents isFiltered={Object.keys(query).length > 0} />
            ) : (
              <>
                <Table
                  caption={events.title}
                  columns={columnsIn(words)}
                  rows={items}
                  keyOf={({ source, eventId }) => `${source}/${eventId}`}
                  hrefOf={({ source, eventId }) => eventLink(source, eventId)}
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

function NoEvents({ isFiltered }: { isFiltered: boolean }) {
  const { events } = useWords();
  if (isFiltered) return <Empty icon="filter" title={events.emptyFiltered} />;
  return (
    <Empty icon="event" title={events.empty}>
      <p>{events.emptyWhat}</p>
      <Code text="npx kait send stripe payment_intent.succeeded" what="kait send" />
    </Empty>
  );
}

function columnsIn({ events }: ReturnType<typeof useWords>): Column<ListedEvent>[] {
  const { columns } = events;
  return [
    {
      head: columns.event,
      isWide: true,
      cell: ({ type, eventId }) => (
        <>
          <span class="cut">{type}</span>
          <span class="second mono cut">{eventId}</span>
        </>
      ),
    },
    {
      head: columns.state,
      cell: ({ state, lastError, duplicates }) => (
        <>
          <Badge tone={eventTones[state]}>{events.states[state]}</Badge>
          {lastError !== null && (
            <span class="second cut note-cell" title={lastError}>
              {lastError}
            </span>
          )}
          {duplicates > 0 && <span class="second">{events.duplicates(duplicates)}</span>}
        </>
      ),
    },
    { head: columns.order, cell: ({ orderId }) => orderId !== null && <span class="cut order-cell">{orderId}</span> },
    {
      head: columns.amount,
      align: 'right',
      cell: ({ amount, currency }) => <Money amount={amount} currency={currency} />,
    },
    { head: columns.source, cell: ({ source }) => <span class="break">{source}</span> },
    { head: columns.received, align: 'right', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
  ];
}

function filtersIn({ events }: ReturnType<typeof useWords>, sources: readonly string[]): Filter[] {
  const { filters } = events;
  return [
    {
      kind: 'choice',
      name: 'source',
      label: filters.source,
      options: sources.map((value) => ({ value, label: value })),
    },
    {
      kind: 'choice',
      name: 'state',
      label: filters.state,
      options: Object.entries(events.states).map(([value, label]) => ({ value, label })),
    },
    { kind: 'text', name: 'order', label: filters.order },
    { kind: 'text', name: 'payment', label: filters.payment },
    { kind: 'text', name: 'customer', label: filters.customer, placeholder: events.customerHint },
    { kind: 'text', name: 'amount', label: filters.amount, placeholder: events.amountHint },
  ];
}
