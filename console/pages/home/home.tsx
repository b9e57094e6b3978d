import './home.css';
import type { ComponentChildren } from 'preact';
import type { components } from '../../../cli/api-types.ts';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { listLink } from '../../app/links.ts';
import { useLive, usePoll } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { duration, number } from '../../parts/format.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { MinuteBars } from './minute-bars.tsx';
import { needsOf, type Need, type Status } from './needs.ts';
import { RemedyButton } from './remedies.tsx';

type Figures = components['schemas']['Figures'];
type Latency = components['schemas']['Latency'];

/** Rates fall and sources fall silent while nothing happens, which no change tells. */
const anewEveryMs = 15_000;

/** The first page: where webhooks are on their way, and what waits for a person. */
export default function Home() {
  const { home } = useWords();
  const status = useLoad('status', (signal) => answerOf(api.GET('/status', { signal })));
  const figures = useLoad('figures', (signal) => answerOf(api.GET('/figures', { signal })));
  useLive(['status', 'events', 'runs', 'deliveries', 'approvals'], status.reload);
  useLive(['events', 'runs', 'deliveries'], figures.reload);
  usePoll(anewEveryMs, true, () => Promise.all([status.reload(), figures.reload()]));
  return (
    <Page title={home.title}>
      <Load of={status}>
        {(now) => (
          <>
            <Flow status={now} figures={figures.data} />
            <NeedsYou needs={needsOf(now, Date.now())} reload={status.reload} />
          </>
        )}
      </Load>
    </Page>
  );
}

/** The way of a webhook, with how much is at each station, how much passes it, and how fast. */
function Flow({ status, figures }: { status: Status; figures: Figures | null }) {
  const { home } = useWords();
  const { sources, stuck, runs, deliveries, backlog } = status;
  const underWay = runs.running === null ? null : runs.running.count;
  const waiting = sum([runs.waiting, runs.approval, runs.paused, runs.undoing]);
  const rejected = stuck.rejected.reduce((total, { count }) => total + count, 0);
  const { latency } = figures ?? { latency: null };
  return (
    <section aria-label={home.flow}>
      <ol class="flow">
        <Station
          icon="source"
          href="/sources"
          name={home.sources}
          count={sources.length}
          rest={null}
          more={[[home.rejectedLately, rejected, '/rejections']]}
        />
        <Station
          icon="event"
          href="/events"
          name={home.inbox}
          count={backlog}
          rest={home.atInbox}
          oldest={stuck.events.pending.oldest}
          passing={figures?.events ?? null}
          takes={home.speed.start}
          speed={latency?.start ?? null}
          more={[
            [home.queued, stuck.events.queued.count, listLink('/events', { state: 'queued' })],
            [home.failed, stuck.events.failed.count, listLink('/events', { state: 'failed' })],
          ]}
        />
        <Station
          icon="run"
          href="/runs"
          name={home.runs}
          count={underWay}
          rest={home.atRuns}
          passing={figures?.runs ?? null}
          takes={home.speed.run}
          speed={latency?.run ?? null}
          more={[
            [home.waiting, waiting, listLink('/runs', { state: 'waiting' })],
            [home.parked, runs.parked?.count ?? null, listLink('/runs', { state: 'parked' })],
          ]}
        />
        <Station
          icon="endpoint"
          href="/deliveries"
          name={home.deliveries}
          count={deliveries.pending}
          rest={home.atDeliveries}
          oldest={stuck.deliveries.pending.oldest}
          passing={figures?.deliveries ?? null}
          takes={home.speed.delivery}
          speed={latency?.delivery ?? null}
          more={[[home.parked, stuck.deliveries.parked.count, listLink('/deliveries', { state: 'parked' })]]}
        />
      </ol>
    </section>
  );
}

function sum(piles: readonly ({ count: number } | null)[]): number | null {
  return piles.every((pile) => pile === null) ? null : piles.reduce((total, pile) => total + (pile?.count ?? 0), 0);
}

interface StationProps {
  icon: IconName;
  href: string;
  name: string;
  /** Null: nobody knows. */
  count: number | null;
  rest: string | null;
  /** Since when the oldest waits here. Null: none does. */
  oldest?: string | null;
  /** What passes it. Null: not known yet. */
  passing?: Figures['events'] | null;
  /** What is measured. */
  takes?: string;
  /** How long it takes. Null: nothing was measured. */
  speed?: Latency | null;
  more?: readonly (readonly [name: string, count: number | null, href: string])[];
}

function Station({ icon, href, name, count, rest, oldest = null, passing = null, ...others }: StationProps) {
  const { home, locale, parts } = useWords();
  const { takes = '', speed = null, more = [] } = others;
  const shown = more.filter((entry): entry is [string, number, string] => entry[1] !== null && entry[1] > 0);
  return (
    <li class="station">
      <Link href={href} class="station-name">
        <Icon name={icon} />
        {name}
      </Link>
      <p class="station-count">
        <strong>{count === null ? parts.unknown : number(count, locale)}</strong>
        {rest !== null && <span class="faint small"> {rest}</span>}
      </p>
      {oldest !== null && (
        <p class="small warn-text">
          {home.oldest} <Time at={oldest} />
        </p>
      )}
      {passing !== null && (
        <>
          <p class="small">{home.rate(number(passing.rate, locale, passing.rate < 10 ? 1 : 0))}</p>
          <MinuteBars name={name} perMinute={passing.perMinute} />
        </>
      )}
      {speed !== null && <Speed what={takes} latency={speed} />}
      {shown.map(([what, amount, where]) => (
        <Link key={what} href={where} class="station-more small">
          {number(amount, locale)} {what}
        </Link>
      ))}
    </li>
  );
}

function Speed({ what, latency: { median, slow, count } }: { what: string; latency: Latency }) {
  const { home, locale } = useWords();
  return (
    <p class="small muted" title={home.measured(number(count, locale))}>
      {what} {home.times(duration(median, locale), duration(slow, locale))}
    </p>
  );
}

function NeedsYou({ needs, reload }: { needs: readonly Need[]; reload: () => Promise<void> }) {
  const { home } = useWords();
  return (
    <Card title={home.needsYou}>
      {needs.length === 0 ? (
        <Empty icon="check" title={home.nothing}>
          <p>{home.nothingWhat}</p>
        </Empty>
      ) : (
        <ul class="needs">
          {needs.map((need) => (
            <NeedItem key={`${need.what} ${need.subject ?? ''} ${need.detail ?? ''}`} need={need} reload={reload} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function NeedItem({ need, reload }: { need: Need; reload: () => Promise<void> }) {
  const { what, tone, count, since, subject, detail, href, remedy } = need;
  const { home } = useWords();
  const text: ComponentChildren = home.needs[what](count, subject ?? '');
  return (
    <li class={`need ${tone}`}>
      <Icon name={tone === 'bad' ? 'alert' : 'clock'} />
      <div class="need-what">
        <p class="break">
          <strong>{text}</strong>{' '}
          {since !== null && (
            <span class="faint small">
              <Time at={since} />
            </span>
          )}
        </p>
        {detail !== null && <p class="small break">{detail}</p>}
      </div>
      {href !== null && (
        <Link href={href} class="button plain">
          {home.remedy[what]}
        </Link>
      )}
      {remedy !== null && <RemedyButton remedy={remedy} reload={reload} />}
    </li>
  );
}
