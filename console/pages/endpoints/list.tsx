import './endpoints.css';
import { api, answerOf } from '../../app/api.ts';
import { endpointLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { useWords } from '../../words/words.ts';
import { isPortal } from '../../app/portal.ts';
import { AddEndpoint } from './add-endpoint.tsx';
import { ConditionBadge } from './condition-badge.tsx';
import { Patterns } from './patterns.tsx';
import { RecentStrip } from './recent-strip.tsx';

const states = ['enabled', 'paused', 'disabled'] as const;

/** Where webhooks go, and how that is going. */
export default function EndpointList() {
  const { endpoints, parts } = useWords();
  const filters = useFilters(['state', 'tenant']);
  const state = states.find((each) => each === filters.state);
  const query = { limit: 50, ...(state && { state }), ...(filters.tenant && { tenant: filters.tenant }) };
  const list = usePages(JSON.stringify(query), (cursor, signal) =>
    answerOf(api.GET('/endpoints', { signal, params: { query: { ...query, ...(cursor && { cursor }) } } })),
  );
  useLive(['deliveries'], list.reload);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <Page title={endpoints.title} about={endpoints.about} actions={<AddEndpoint onAdded={list.reload} />}>
      <FilterBar
        filters={[
          {
            kind: 'choice',
            name: 'state',
            label: endpoints.state,
            options: states.map((value) => ({ value, label: endpoints.states[value] })),
          },
          ...(isPortal() ? [] : [{ kind: 'text' as const, name: 'tenant', label: endpoints.tenant }]),
        ]}
      />
      <Card isFlush>
        <Load of={list}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty icon="endpoint" title={isFiltered ? endpoints.noneMatch : endpoints.none}>
                {!isFiltered && <p>{endpoints.noneWhat}</p>}
              </Empty>
            ) : (
              <>
                <Table
                  caption={endpoints.title}
                  rows={rows}
                  keyOf={({ id }) => id}
                  hrefOf={({ id }) => endpointLink(id)}
                  columns={[
                    {
                      head: endpoints.url,
                      isWide: true,
                      cell: ({ url, description }) => (
                        <>
                          <span class="cut" title={url}>
                            {url}
                          </span>
                          {description !== '' && <span class="second cut">{description}</span>}
                        </>
                      ),
                    },
                    { head: endpoints.condition, cell: (row) => <ConditionBadge endpoint={row} /> },
                    { head: endpoints.recent, cell: ({ recent }) => <RecentStrip recent={recent} /> },
                    {
                      head: endpoints.parked,
                      align: 'right',
                      cell: ({ parked }) =>
                        parked === 0 ? (
                          <span class="faint">{parts.none}</span>
                        ) : (
                          <Badge tone="warn">{parked >= 1_000 ? '1,000+' : String(parked)}</Badge>
                        ),
                    },
                    { head: endpoints.patterns, cell: ({ patterns }) => <Patterns patterns={patterns} most={2} /> },
                    ...(isPortal()
                      ? []
                      : [
                          {
                            head: endpoints.tenant,
                            cell: ({ tenant }: { tenant: string | null }) =>
                              tenant === null ? (
                                <span class="faint">{endpoints.own}</span>
                              ) : (
                                <span class="cut tenant-cell" title={tenant}>
                                  {tenant}
                                </span>
                              ),
                          },
                        ]),
                  ]}
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
