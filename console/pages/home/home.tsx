import './home.css';
import type { ComponentChildren } from 'preact';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { listLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { number } from '../../parts/format.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { useWords } from '../../words/words.ts';
import { needsOf, type Need, type Status } from './needs.ts';

/** The first page: where webhooks are on their way, and what waits for a person. */
export default function Home() {
  const { home } = useWords();
  const status = useLoad('status', (signal) => answerOf(api.GET('/status', { signal })));
  useLive(['status', 'events', 'runs', 'deliveries', 'approvals'], status.reload);
  return (
    <Page title={home.title}>
      <Load of={status}>
        {(now) => (
          <>
            <Flow status={now} />
            <NeedsYou needs={needsOf(now, Date.now())} />
          </>
        )}
      </Load>
    </Page>
  );
}

/** The way of a webhook, with how much is at each station. */
function Flow({ status: { sources, stuck, runs, deliveries, backlog } }: { status: Status }) {
  const { home } = useWords();
  const underWay = runs.running === null ? null : runs.running.count;
  const waiting = sum([runs.waiting, runs.approval, runs.paused, runs.undoing]);
  return (
    <section aria-label={home.flow}>
      <ol class="flow">
        <Station icon="source" href="/sources" name={home.sources} count={sources.length} rest={null} />
        <Station
          icon="event"
          href="/events"
          name={home.inbox}
          count={backlog}
          rest={home.atInbox}
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
  more?: readonly (readonly [name: string, count: number | null, href: string])[];
}

function Station({ icon, href, name, count, rest, more = [] }: StationProps) {
  const { locale, parts } = useWords();
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
      {shown.map(([what, amount, where]) => (
        <Link key={what} href={where} class="station-more small">
          {number(amount, locale)} {what}
        </Link>
      ))}
    </li>
  );
}

function NeedsYou({ needs }: { needs: readonly Need[] }) {
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
            <NeedItem key={`${need.what} ${need.subject ?? ''} ${need.detail ?? ''}`} need={need} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function NeedItem({ need: { what, tone, count, since, subject, detail, href } }: { need: Need }) {
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
    </li>
  );
}
