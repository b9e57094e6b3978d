import './replays.css';
import { api, answerOf } from '../../app/api.ts';
import { replayLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { isPortal } from '../../app/portal.ts';
import { usePages } from '../../app/use-pages.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Load } from '../../parts/load.tsx';
import { More } from '../../parts/more.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords, type Words } from '../../words/words.ts';
import { type Replay, replayTones } from './progress.ts';
import { whatText } from './what-text.ts';

/** What was sent again, newest first. */
export default function ReplayList() {
  const words = useWords();
  const { replays } = words;
  const list = usePages('replays', (cursor, signal) =>
    answerOf(api.GET('/replays', { signal, params: { query: { limit: 30, ...(cursor && { cursor }) } } })),
  );
  useLive(['deliveries'], list.reload);
  return (
    <Page title={replays.title} about={replays.about}>
      <Card isFlush>
        <Load of={list}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty icon="retry" title={replays.none}>
                <p>{replays.noneWhat}</p>
              </Empty>
            ) : (
              <>
                <Table
                  caption={replays.title}
                  columns={columnsIn(words)}
                  rows={rows}
                  keyOf={({ id }) => id}
                  hrefOf={({ id }) => replayLink(id)}
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

function columnsIn(words: Words): Column<Replay>[] {
  const { replays } = words;
  return [
    {
      head: replays.what,
      isWide: true,
      cell: (replay) => (
        <>
          <span class="cut">{whatText(replay, words)}</span>
          <span class="second cut">{replay.reason}</span>
        </>
      ),
    },
    { head: replays.state, cell: ({ state }) => <Badge tone={replayTones[state]}>{replays.states[state]}</Badge> },
    {
      head: replays.done,
      align: 'right',
      cell: ({ done, total }) => replays.doneOf(String(done), String(total)),
    },
    ...(isPortal()
      ? []
      : [
          {
            head: replays.tenant,
            cell: ({ tenant }: Replay) =>
              tenant !== null && (
                <span class="cut tenant-cell" title={tenant}>
                  {tenant}
                </span>
              ),
          },
        ]),
    { head: replays.requested, align: 'right', cell: ({ requestedAt }) => <Time at={requestedAt} /> },
  ];
}
