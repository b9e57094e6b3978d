import './find.css';
import type { ComponentChildren } from 'preact';
import { useSearchParams } from 'wouter-preact';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { deliveryLink, eventLink, runLink } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { calendarDay, clockTime } from '../../parts/format.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { deliveryTones, eventTones, runTones, type DeliveryState, type Tone } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { stateOf } from '../runs/run-state.ts';
import { approvalTones } from '../approvals/approval.ts';
import { byDay, storyOf, subjectOf, type Chapter } from './story.ts';

/** All that mentions a text, told as one story: webhooks, runs, approvals, mails and deliveries in the order in which they happened. */
export default function Find() {
  const words = useWords();
  const { find } = words;
  const [search] = useSearchParams();
  const text = (search.get('q') ?? '').trim();
  const found = useLoad(text === '' ? null : text, (signal) =>
    answerOf(api.GET('/find', { signal, params: { query: { text } } })),
  );
  useLive(['events', 'runs', 'deliveries', 'approvals'], found.reload);
  if (text === '') {
    return (
      <Page title={find.title}>
        <Empty icon="search" title={find.askFirst}>
          <p>{find.what}</p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={find.of(text)}>
      <Load of={found}>
        {(all) => {
          const story = storyOf(all);
          if (story.length === 0) {
            return (
              <Empty icon="search" title={find.none}>
                <p>{find.noneWhat}</p>
              </Empty>
            );
          }
          const subject = subjectOf(all);
          return (
            <>
              {subject !== null && (
                <Facts
                  facts={[
                    [find.order, subject.orderId],
                    [find.amount, subject.amount !== null && <Money {...subject} />],
                    [find.count, find.counted(all.events.length, all.runs.length)],
                  ]}
                />
              )}
              {all.more.length > 0 && <Note>{find.more(all.more.map((kind) => find.kinds[kind]).join(', '))}</Note>}
              <Story chapters={story} />
            </>
          );
        }}
      </Load>
    </Page>
  );
}

function Story({ chapters }: { chapters: readonly Chapter[] }) {
  const { find, locale } = useWords();
  return (
    <div class="story">
      {byDay(chapters, (at) => calendarDay(Date.parse(at), locale)).map(([date, ofDay], index) => (
        <section key={index} aria-label={date ?? find.notYet}>
          <h2 class="story-day">{date ?? find.notYet}</h2>
          <ol>
            {ofDay.map((chapter) => (
              <ChapterItem key={keyOf(chapter)} chapter={chapter} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function ChapterItem({ chapter }: { chapter: Chapter }) {
  const { locale, find } = useWords();
  return (
    <li class={`chapter ${chapter.kind}`}>
      <time class="chapter-at faint" dateTime={chapter.at ?? undefined}>
        {chapter.at === null ? '—' : clockTime(Date.parse(chapter.at), locale)}
      </time>
      <span class="chapter-mark" title={find.kindOf[chapter.kind]}>
        <Icon name={icons[chapter.kind]} size={16} />
      </span>
      <div class="chapter-what">{contentOf(chapter)}</div>
    </li>
  );
}

const icons: Record<Chapter['kind'], IconName> = {
  event: 'event',
  run: 'run',
  approval: 'approval',
  delivery: 'endpoint',
  mail: 'types',
};

function contentOf(chapter: Chapter): ComponentChildren {
  switch (chapter.kind) {
    case 'event':
      return <FoundEvent event={chapter.of} />;
    case 'run':
      return <FoundRun run={chapter.of} />;
    case 'approval':
      return <FoundApproval approval={chapter.of} />;
    case 'delivery':
      return <FoundDelivery delivery={chapter.of} />;
    case 'mail':
      return <FoundMail mail={chapter.of} />;
  }
}

type Of<Kind extends Chapter['kind']> = Extract<Chapter, { kind: Kind }>['of'];

function FoundEvent({ event }: { event: Of<'event'> }) {
  const { events, find } = useWords();
  return (
    <>
      <Line tone={eventTones[event.state]} state={events.states[event.state]}>
        <Link href={eventLink(event.source, event.eventId)}>{event.type}</Link> {find.from(event.source)}
        {event.amount !== null && (
          <>
            {' · '}
            <Money amount={event.amount} currency={event.currency} />
          </>
        )}
      </Line>
      {event.duplicates > 0 && <p class="faint small">{find.duplicates(event.duplicates)}</p>}
      {event.lastError !== null && <p class="faint small break">{event.lastError}</p>}
    </>
  );
}

/** The list does not know how a run goes: Temporal does. */
function FoundRun({ run }: { run: Of<'run'> }) {
  const { find, runs } = useWords();
  const full = useLoad(run.workflowId, (signal) =>
    answerOf(api.GET('/runs/{run}', { signal, params: { path: { run: run.workflowId } } })),
  );
  useLive(['runs'], full.reload);
  const state = full.data === null ? undefined : stateOf(full.data);
  return (
    <Line tone={state === undefined ? 'idle' : runTones[state]} state={state === undefined ? '…' : runs.states[state]}>
      <Link href={runLink(run.workflowId)}>{run.definition}</Link> {find.because[run.because]}
    </Line>
  );
}

function FoundApproval({ approval }: { approval: Of<'approval'> }) {
  const { approvals } = useWords();
  const href = `/approvals?run=${encodeURIComponent(approval.workflowId)}&state=all`;
  return (
    <Line tone={approvalTones[approval.state] ?? 'idle'} state={approvals.states[approval.state] ?? approval.state}>
      <Link href={href}>{approval.question}</Link>
    </Line>
  );
}

function FoundDelivery({ delivery }: { delivery: Of<'delivery'> }) {
  const { endpoints, find } = useWords();
  const state = delivery.state as DeliveryState;
  return (
    <>
      <Line tone={deliveryTones[state]} state={endpoints.deliveryStates[state]}>
        <Link href={deliveryLink(delivery.id)}>{delivery.type}</Link> {find.to(hostOf(delivery.url))}
      </Line>
      {delivery.lastError !== null && state !== 'delivered' && <p class="faint small break">{delivery.lastError}</p>}
    </>
  );
}

function FoundMail({ mail }: { mail: Of<'mail'> }) {
  const { find } = useWords();
  const sent = mail.state === 'sent';
  return (
    <Line
      tone={sent ? 'ok' : mail.state === 'refused' ? 'bad' : 'run'}
      state={find.mailStates[mail.state] ?? mail.state}
    >
      <span>{mail.subject}</span> {find.to(mail.recipient)}
    </Line>
  );
}

function Line({ tone, state, children }: { tone: Tone; state: string; children: ComponentChildren }) {
  return (
    <p class="chapter-line">
      <span class="break">{children}</span>
      <Badge tone={tone}>{state}</Badge>
    </p>
  );
}

function keyOf(chapter: Chapter): string {
  const { kind, of } = chapter;
  if (kind === 'event') return `event ${of.source} ${of.eventId}`;
  if (kind === 'run') return `run ${of.workflowId}`;
  if (kind === 'approval') return `approval ${of.workflowId} ${of.step}`;
  return `${kind} ${of.id}`;
}

/** The address of an endpoint may hold a key in its path. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
