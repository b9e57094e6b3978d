import './replays.css';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { endpointLink, listLink, useSegments } from '../../app/links.ts';
import { usePoll } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { duration } from '../../parts/format.ts';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { isUnderWay, paceOf, type Replay, replayTones } from './progress.ts';
import { whatText } from './what-text.ts';

/** While it is under way. Nothing tells how far a replay is. */
const pollMs = 2_000;

/** One replay: how far it is, how fast, and what can be done about it. */
export default function ReplayPage() {
  const words = useWords();
  const { replays } = words;
  const [id = ''] = useSegments();
  const replay = useLoad(id, async (signal) => {
    const found = await answerOf(api.GET('/replays/{replay}', { signal, params: { path: { replay: id } } }));
    return { replay: found, atMs: Date.now() };
  });
  const { data, reload } = replay;
  usePoll(pollMs, data !== null && isUnderWay(data.replay) && !replay.isLoading, reload);
  return (
    <Page
      title={data === null ? id : whatText(data.replay, words)}
      up={{ href: '/replays', title: replays.title }}
      about={data !== null && <About replay={data.replay} />}
      actions={data !== null && <Commands replay={data.replay} reload={reload} />}
    >
      <Load of={replay}>
        {({ replay: shown, atMs }) => (
          <>
            {shown.lastError !== null && <Note tone="bad" title={shown.lastError} />}
            {shown.state === 'parked' && <Note tone="warn">{replays.parkedWhat}</Note>}
            <Progress replay={shown} nowMs={atMs} />
            <Details replay={shown} />
          </>
        )}
      </Load>
    </Page>
  );
}

function About({ replay: { id, state, requestedAt } }: { replay: Replay }) {
  const { replays } = useWords();
  return (
    <>
      <Badge tone={replayTones[state]}>{replays.states[state]}</Badge>
      <span class="mono break">{id}</span>
      <Copy text={id} what={replays.id} />
      <Time at={requestedAt} />
    </>
  );
}

function Progress({ replay, nowMs }: { replay: Replay; nowMs: number }) {
  const { replays, locale } = useWords();
  const { total, done, sent } = replay;
  const pace = paceOf(replay, nowMs);
  const leftMs = pace?.leftMs ?? null;
  const count = new Intl.NumberFormat(locale);
  const fraction = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  return (
    <Card title={replays.progress}>
      <progress class="replay-progress" max={Math.max(total, 1)} value={done} aria-label={replays.progress} />
      <Facts
        facts={[
          [replays.done, replays.doneOf(count.format(done), count.format(total))],
          [replays.sent, count.format(sent)],
          [replays.notSent, done > sent && `${count.format(done - sent)}. ${replays.notSentWhat}`],
          [replays.rate, pace !== null && replays.perSecond(fraction.format(pace.perSecond))],
          [replays.left, leftMs !== null && duration(leftMs, locale)],
        ]}
      />
    </Card>
  );
}

function Details({ replay }: { replay: Replay }) {
  const words = useWords();
  const { replays, parts } = words;
  const { endpoint, since, until, tenant, requestedBy, reason, endedAt } = replay;
  return (
    <Card title={parts.details}>
      <Facts
        facts={[
          [replays.what, whatText(replay, words)],
          [replays.endpoint, endpoint !== null && <Link href={endpointLink(endpoint)}>{endpoint}</Link>],
          [replays.since, since !== null && <Time at={since} isFull />],
          [replays.until, until !== null && <Time at={until} isFull />],
          [replays.tenant, tenant],
          [replays.by, requestedBy],
          [parts.reason, reason],
          [replays.ended, endedAt !== null && <Time at={endedAt} isFull />],
        ]}
      />
      <p>
        <Link href={listLink('/deliveries', { ...(endpoint !== null && { endpoint }) })}>{replays.toDeliveries}</Link>
      </p>
    </Card>
  );
}

function Commands({ replay, reload }: { replay: Replay; reload: () => Promise<void> }) {
  const { replays } = useWords();
  if (!isUnderWay(replay)) return null;
  const params = { path: { replay: replay.id } };
  return (
    <>
      {replay.state === 'paused' ? (
        <CommandButton
          label={replays.resume}
          icon="play"
          kind="primary"
          what={replays.resumeWhat}
          done={replays.resumeDone}
          reload={reload}
          act={(reason) => answerOf(api.POST('/replays/{replay}/resume', { params, body: { reason, via: 'api' } }))}
        />
      ) : (
        replay.state !== 'pending' && (
          <CommandButton
            label={replays.pause}
            icon="pause"
            what={replays.pauseWhat}
            done={replays.pauseDone}
            reload={reload}
            act={(reason) => answerOf(api.POST('/replays/{replay}/pause', { params, body: { reason, via: 'api' } }))}
          />
        )
      )}
      <CommandButton
        label={replays.cancel}
        icon="stop"
        kind="danger"
        what={replays.cancelWhat}
        done={replays.cancelDone}
        reload={reload}
        act={(reason) => answerOf(api.POST('/replays/{replay}/cancel', { params, body: { reason, via: 'api' } }))}
      />
    </>
  );
}
