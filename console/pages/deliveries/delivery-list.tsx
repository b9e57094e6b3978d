import { api, answerOf } from '../../app/api.ts';
import { deliveryLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { isPortal } from '../../app/portal.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { type Filter, FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { More } from '../../parts/more.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { type DeliveryState, deliveryTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';

const states = ['pending', 'started', 'parked', 'delivered', 'exhausted', 'refused'] as const satisfies DeliveryState[];
const ranges = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 } as const;
const hourMs = 60 * 60 * 1_000;
/** So that the list is not asked for anew each millisecond. */
const minuteMs = 60_000;

/** Deliveries with their filters: of one endpoint, or of all. */
export function DeliveryList({ endpoint }: { endpoint?: string }) {
  const { endpoints, parts } = useWords();
  const filters = useFilters(['state', 'type', 'within', 'order', 'endpoint']);
  const state = states.find((each) => each === filters.state);
  const within = Object.entries(ranges).find(([name]) => name === filters.within)?.[1];
  const since =
    within === undefined ? null : new Date(Math.floor((Date.now() - within * hourMs) / minuteMs) * minuteMs);
  const to = endpoint ?? filters.endpoint;
  const query = {
    ...{ limit: 30, ...(to !== undefined && { endpoint: to }), ...(state && { state }) },
    ...(filters.type && { type: filters.type }),
    ...(since && { since: since.toISOString() }),
    ...(!isPortal() && filters.order && { order: filters.order }),
  };
  const list = usePages(JSON.stringify({ ...query, since: filters.within }), (cursor, signal) =>
    answerOf(api.GET('/deliveries', { signal, params: { query: { ...query, ...(cursor && { cursor }) } } })),
  );
  useLive(['deliveries'], list.reload);
  const isFiltered = Object.keys(filters).length > 0;
  const shownFilters: Filter[] = [
    {
      ...{ kind: 'choice', name: 'state', label: endpoints.state },
      options: states.map((value) => ({ value, label: endpoints.deliveryStates[value] })),
    },
    { kind: 'text', name: 'type', label: endpoints.type, placeholder: 'order.*' },
    {
      ...{ kind: 'choice', name: 'within', label: endpoints.within },
      options: Object.keys(ranges).map((value) => ({ value, label: endpoints.ranges[value as keyof typeof ranges] })),
    },
    ...(isPortal() ? [] : [{ kind: 'text' as const, name: 'order', label: endpoints.order }]),
    ...(endpoint === undefined ? [{ kind: 'text' as const, name: 'endpoint', label: endpoints.one }] : []),
  ];
  return (
    <>
      {endpoint !== undefined && <h2>{endpoints.deliveries}</h2>}
      <FilterBar filters={shownFilters} />
      <Card isFlush>
        <Load of={list}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty icon="endpoint" title={isFiltered ? endpoints.noDeliveryMatches : endpoints.noDeliveries}>
                {!isFiltered && <p>{endpoints.noDeliveriesWhat}</p>}
              </Empty>
            ) : (
              <>
                <Table
                  caption={endpoints.deliveries}
                  rows={rows}
                  keyOf={({ id }) => id}
                  hrefOf={({ id }) => deliveryLink(id)}
                  columns={[
                    {
                      head: endpoints.type,
                      isWide: true,
                      cell: ({ type, url, orderId }) => (
                        <>
                          <span class="cut">{type}</span>
                          <span class="second cut">{endpoint === undefined ? url : orderId}</span>
                        </>
                      ),
                    },
                    {
                      head: endpoints.state,
                      cell: (row) => (
                        <>
                          <Badge tone={deliveryTones[row.state]}>{endpoints.deliveryStates[row.state]}</Badge>
                          {row.parkedBecause !== null && (
                            <span class="second">{endpoints.parkedBecause[row.parkedBecause]}</span>
                          )}
                        </>
                      ),
                    },
                    {
                      head: endpoints.lastAnswer,
                      cell: ({ lastStatus, lastError }) =>
                        lastStatus !== null ? (
                          <span class="mono">HTTP {lastStatus}</span>
                        ) : (
                          <span class="muted small break">{lastError ?? parts.none}</span>
                        ),
                    },
                    { head: endpoints.attempts, align: 'right', cell: ({ attempts }) => String(attempts) },
                    // Of one endpoint, the list stands beside its settings, so the order stands below the type.
                    ...(isPortal() || endpoint !== undefined
                      ? []
                      : [
                          {
                            head: endpoints.order,
                            cell: ({ orderId }: { orderId: string | null }) => (
                              <span class="cut order-cell">{orderId ?? ''}</span>
                            ),
                          },
                        ]),
                    { head: endpoints.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
                  ]}
                />
                {list.hasMore && <More isLoading={list.isLoadingMore} onMore={() => void list.more()} />}
              </>
            )
          }
        </Load>
      </Card>
    </>
  );
}
