import './sources.css';
import { api, answerOf } from '../../app/api.ts';
import { given } from '../../app/given.ts';
import { Link } from '../../app/link.tsx';
import { sourceLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { usePages } from '../../app/use-pages.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FilterBar, useFilters } from '../../parts/filter-bar.tsx';
import { Load } from '../../parts/load.tsx';
import { More } from '../../parts/more.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';

/** The requests that were not accepted: how many and why, and samples of them. Of one source, or of all. */
export function RejectionList({ of, pageSize }: { of: string | null; pageSize: number }) {
  const { locale, sources } = useWords();
  const chosen = useFilters(['source', 'reason']);
  const source = of ?? chosen.source;
  const all = useLoad(of ?? '', (signal) => {
    const query = given({ source: of ?? undefined, limit: 1 });
    return answerOf(api.GET('/rejections', { signal, params: { query } }));
  });
  const list = usePages(JSON.stringify([source, chosen.reason]), (cursor, signal) => {
    const query = given({ source, reason: chosen.reason, cursor, limit: pageSize });
    return answerOf(api.GET('/rejections', { signal, params: { query } }));
  });
  useLive(['status'], () => Promise.all([all.reload(), list.reload()]));
  const counts = all.data?.counts ?? [];
  const shown = counts.filter(
    (each) => (source ?? each.source) === each.source && (chosen.reason ?? each.reason) === each.reason,
  );
  const options = (values: readonly string[]) => [...new Set(values)].sort().map((value) => ({ value, label: value }));
  return (
    <Card title={sources.rejections} isFlush>
      {(all.data === null || counts.length > 0 || Object.keys(chosen).length > 0) && (
        <div class="reason-filters">
          <FilterBar
            filters={[
              ...(of === null
                ? [
                    {
                      ...{ kind: 'choice' as const, name: 'source', label: sources.source },
                      options: options([
                        ...counts.map((each) => each.source),
                        ...(source === undefined ? [] : [source]),
                      ]),
                    },
                  ]
                : []),
              {
                ...{ kind: 'choice', name: 'reason', label: sources.reason },
                options: options([
                  ...counts.map((each) => each.reason),
                  ...(chosen.reason === undefined ? [] : [chosen.reason]),
                ]),
              },
            ]}
          />
        </div>
      )}
      <Load of={all}>
        {() => (
          <Load of={list}>
            {(items) =>
              shown.length === 0 && items.length === 0 ? (
                <Empty icon="check" title={sources.noRejections} />
              ) : (
                <>
                  <ul class="reasons">
                    {shown.map(({ source: whose, reason, count, hint, lastDay }) => (
                      <li key={`${whose} ${reason}`}>
                        <span class="row">
                          <strong class="mono">{reason}</strong>
                          <span class="muted small">{sources.times(count.toLocaleString(locale), lastDay ?? '')}</span>
                        </span>
                        {of === null && <Whose source={whose} />}
                        <span class="muted">{hint}</span>
                      </li>
                    ))}
                    {items.map((each, index) => (
                      <li key={`${each.at}${index}`}>
                        <span class="row">
                          <span>
                            <span class="mono">{each.reason}</span> <span class="faint">HTTP {each.status}</span>
                          </span>
                          <Time at={each.at} />
                        </span>
                        {of === null && <Whose source={each.source} />}
                        <span class="small muted break">
                          {sources.sample(each.address, each.bytes, each.headerNames.join(', '))}
                        </span>
                      </li>
                    ))}
                  </ul>
                  {list.hasMore && <More isLoading={list.isLoadingMore} onMore={() => void list.more()} />}
                </>
              )
            }
          </Load>
        )}
      </Load>
    </Card>
  );
}

/** Requests to no source are counted under `unknown`. */
function Whose({ source }: { source: string }) {
  if (source === 'unknown') return <span>{source}</span>;
  return (
    <Link href={sourceLink(source)} class="break">
      {source}
    </Link>
  );
}
