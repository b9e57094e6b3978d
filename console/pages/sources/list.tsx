import './sources.css';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { sourceLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Load } from '../../parts/load.tsx';
import { Page } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { AddSource } from './add-source.tsx';
import { SourceState } from './source-state.tsx';
import { WorkbenchButton } from './workbench.tsx';

/** Who sends webhooks to Kait, and whether they arrive. */
export default function SourceList() {
  const { sources } = useWords();
  const loaded = useLoad('sources', (signal) => answerOf(api.GET('/sources', { signal })));
  useLive(['events', 'status'], loaded.reload);
  const taken = loaded.data?.items.map(({ name }) => name);
  return (
    <Page
      title={sources.title}
      about={sources.about}
      actions={
        <>
          <Link class="button plain" href="/rejections">
            {sources.rejectedTitle}
          </Link>
          <WorkbenchButton />
          {/* It suggests a name that no source has, so it must know them. */}
          {taken !== undefined && <AddSource taken={taken} />}
        </>
      }
    >
      <Card isFlush>
        <Load of={loaded}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty icon="source" title={sources.none}>
                <p>{sources.noneWhat}</p>
              </Empty>
            ) : (
              <Table
                caption={sources.title}
                rows={items}
                keyOf={({ name }) => name}
                hrefOf={({ name }) => sourceLink(name)}
                columns={[
                  {
                    head: sources.source,
                    isWide: true,
                    cell: ({ name, title }) => (
                      <>
                        {name}
                        {title !== name && <span class="second">{title}</span>}
                      </>
                    ),
                  },
                  { head: sources.state, cell: (source) => <SourceState source={source} /> },
                  { head: sources.secrets, cell: ({ secrets }) => <span>{sources.secretStates[secrets]}</span> },
                  { head: sources.lastEvent, cell: ({ lastEventAt }) => <Time at={lastEventAt} /> },
                  {
                    head: sources.lastRejection,
                    cell: ({ lastRejection }) =>
                      lastRejection === null ? (
                        <span class="faint">—</span>
                      ) : (
                        <>
                          <Time at={lastRejection.at} />
                          <span class="second">{lastRejection.reason}</span>
                        </>
                      ),
                  },
                ]}
              />
            )
          }
        </Load>
      </Card>
    </Page>
  );
}
