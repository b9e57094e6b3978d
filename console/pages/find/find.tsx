import './find.css';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { useSearchParams } from 'wouter-preact';
import type { components } from '../../../cli/api-types.ts';
import { answerOf, api } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { deliveryLink, eventLink, runLink, sourceLink } from '../../app/links.ts';
import { useLive, usePoll } from '../../app/live.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { calendarDay, clockTime, duration } from '../../parts/format.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { deliveryTones, eventTones, runTones, stepTones, type DeliveryState, type Tone } from '../../parts/tones.ts';
import { useWords, type Words } from '../../words/words.ts';
import { type FullRun, isOpen, type RunStep, stateOf } from '../runs/run-state.ts';
import { Shown } from '../runs/shown-value.tsx';
import { approvalTones } from '../approvals/approval.ts';
import { begunSteps, byDay, storyOf, subjectOf, type Chapter, type Subject } from './story.ts';

type Found = components['schemas']['Found'];
type Details = ReadonlyMap<string, FullRun>;

/** All that mentions a text, told as one story: webhooks, runs, refunds, approvals, mails and deliveries in the order in which they happened. */
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
          if (storyOf(all).length === 0) {
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
                    ...moneyFacts(subject, find),
                    [find.count, find.counted(all.events.length, all.runs.length)],
                  ]}
                />
              )}
              {subject?.balances.some(({ problem }) => problem === 'contradictory') === true && (
                <Note tone="warn">{find.contradictory}</Note>
              )}
              {all.more.length > 0 && <Note>{find.more(all.more.map((kind) => find.kinds[kind]).join(', '))}</Note>}
              {all.rejections.length > 0 && <Note tone="warn">{find.notGenuine}</Note>}
              <Story found={all} />
            </>
          );
        }}
      </Load>
    </Page>
  );
}

/** What was asked for until something is paid; then what was paid, given back and remains. */
function moneyFacts(subject: Subject, find: Words['find']): [string, ComponentChildren][] {
  const { balances } = subject;
  if (balances.length === 0) return [[find.amount, subject.amount !== null && <Money {...subject} />]];
  const amounts = (which: 'paid' | 'givenBack' | 'remains') => (
    <ul class="amounts">
      {balances.map(({ currency, [which]: amount }) => (
        <li key={currency}>
          {amount === null ? find.untold(currency) : <Money amount={amount} currency={currency} />}
        </li>
      ))}
    </ul>
  );
  const isGivenBack = balances.some(({ givenBack }) => givenBack !== '0');
  return [
    [find.paid, amounts('paid')],
    [find.givenBack, isGivenBack && amounts('givenBack')],
    [find.remains, isGivenBack && amounts('remains')],
  ];
}

function Story({ found }: { found: Found }) {
  const { find, locale } = useWords();
  const details = useDetails(found.runs);
  const chapters = useMemo(() => storyOf(found, details), [found, details]);
  return (
    <div class="story">
      {byDay(chapters, (at) => calendarDay(Date.parse(at), locale)).map(([date, ofDay], index) => (
        <section key={index} aria-label={date ?? find.notYet}>
          <h2 class="story-day">{date ?? find.notYet}</h2>
          <ol>
            {ofDay.map((chapter) => (
              <ChapterItem key={keyOf(chapter)} {...{ chapter, details }} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

const none: Details = new Map();
/** While a run goes on. */
const pollMs = 5_000;

/** How the runs go: Temporal knows that, and the list does not. Those of which nothing can be learned now are missing. */
function useDetails(runs: Found['runs']): Details {
  const ids = runs.map(({ workflowId }) => workflowId);
  const full = useLoad(ids.length === 0 ? null : ids.join('\n'), async (signal) => {
    const asked = await Promise.allSettled(
      ids.map((run) => answerOf(api.GET('/runs/{run}', { signal, params: { path: { run } } }))),
    );
    const known = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    return new Map(known.map((run) => [run.workflowId, run]));
  });
  useLive(['runs'], full.reload);
  const goesOn = [...(full.data ?? none).values()].some(isOpen);
  usePoll(pollMs, goesOn && !full.isLoading, full.reload);
  return full.data ?? none;
}

function ChapterItem({ chapter, details }: { chapter: Chapter; details: Details }) {
  const { locale, find } = useWords();
  return (
    <li class={`chapter ${chapter.kind}`}>
      <time class="chapter-at faint" dateTime={chapter.at ?? undefined}>
        {chapter.at === null ? '—' : clockTime(Date.parse(chapter.at), locale)}
      </time>
      <span class="chapter-mark" title={find.kindOf[chapter.kind]}>
        <Icon name={icons[chapter.kind]} size={16} />
      </span>
      <div class="chapter-what">{contentOf(chapter, details)}</div>
    </li>
  );
}

const icons: Record<Chapter['kind'], IconName> = {
  event: 'event',
  redelivery: 'retry',
  rejection: 'alert',
  run: 'run',
  refund: 'undo',
  approval: 'approval',
  delivery: 'endpoint',
  mail: 'types',
};

function contentOf(chapter: Chapter, details: Details): ComponentChildren {
  switch (chapter.kind) {
    case 'event':
      return <FoundEvent event={chapter.of} />;
    case 'redelivery':
      return <Redelivered again={chapter.of} />;
    case 'rejection':
      return <Rejected request={chapter.of} />;
    case 'run':
      return <FoundRun run={chapter.of} details={details} />;
    case 'refund':
      return <Refunded {...chapter.of} />;
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
      {event.refund !== null && (
        <p class="small break">
          {find.givesBack}{' '}
          {event.refund.amount === null ? (
            find.amountUnknown
          ) : (
            <Money amount={event.refund.amount} currency={event.refund.currency ?? event.currency} />
          )}
          {event.refund.id !== null && <span class="mono"> {event.refund.id}</span>}
          {event.refund.reason !== null && ` · ${event.refund.reason}`}
        </p>
      )}
      {event.duplicates > 0 && <p class="faint small">{find.duplicates(event.duplicates)}</p>}
      {event.lastError !== null && <p class="faint small break">{event.lastError}</p>}
    </>
  );
}

function Redelivered({ again: { event, times, sender } }: { again: Of<'redelivery'> }) {
  const { find } = useWords();
  return (
    <Line tone="idle" state={find.duplicate}>
      <Link href={eventLink(event.source, event.eventId)}>{event.type}</Link> {find.again(times)}
      {sender !== null && (
        <>
          {' '}
          {find.by} <span class="mono">{sender}</span>
        </>
      )}
    </Line>
  );
}

/** What a stranger may have sent. Of its content, nothing is shown. */
function Rejected({ request: { source, reason, hint, status, address, bytes } }: { request: Of<'rejection'> }) {
  const { find } = useWords();
  return (
    <>
      <Line tone="bad" state={reason}>
        {find.rejectedBy} <Link href={sourceLink(source)}>{source}</Link> {find.by} <span class="mono">{address}</span>
      </Line>
      <p class="small break">{hint}</p>
      <p class="faint small">{find.rejectedWith(status, bytes)}</p>
    </>
  );
}

function FoundRun({ run, details }: { run: Of<'run'>; details: Details }) {
  const { find, runs } = useWords();
  const full = details.get(run.workflowId);
  const state = full === undefined ? undefined : stateOf(full);
  const steps = full === undefined ? [] : begunSteps(full);
  return (
    <>
      <Line
        tone={state === undefined ? 'idle' : runTones[state]}
        state={state === undefined ? '…' : runs.states[state]}
      >
        <Link href={runLink(run.workflowId)}>{run.definition}</Link> {find.because[run.because]}
      </Line>
      {steps.length > 0 && (
        <details class="chapter-more">
          <summary>{find.steps(steps.length)}</summary>
          <ol class="chapter-steps">
            {steps.slice(0, mostSteps).map((step) => (
              <li key={step.id}>
                <StepLine step={step} />
              </li>
            ))}
          </ol>
          {steps.length > mostSteps && (
            <Link href={runLink(run.workflowId)}>{find.moreSteps(steps.length - mostSteps)}</Link>
          )}
        </details>
      )}
    </>
  );
}

/** The page of the run has them all. */
const mostSteps = 30;

function StepLine({ step: { title, status, startedAt, endedAt, error } }: { step: RunStep }) {
  const { runs, locale } = useWords();
  const tookMs = startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);
  return (
    <>
      <Line tone={stepTones[status]} state={runs.stepStates[status]}>
        {title} {tookMs !== null && <span class="faint small">{duration(tookMs, locale)}</span>}
      </Line>
      {error !== null && <p class="faint small break">{error}</p>}
    </>
  );
}

/** A step that has asked a gateway, or another system, to give money back. */
function Refunded({ run, step }: Of<'refund'>) {
  const { find, runs } = useWords();
  return (
    <>
      <Line tone={stepTones[step.status]} state={runs.stepStates[step.status]}>
        <Link href={runLink(run)}>{step.title}</Link>
      </Line>
      {step.error !== null && <p class="small break">{step.error}</p>}
      <details class="chapter-more">
        <summary>{find.askedAndAnswered}</summary>
        <h3>{find.asked}</h3>
        <Shown value={step.input} what={find.asked} none={runs.step.noInput} />
        <h3>{find.answered}</h3>
        <Shown value={step.output} what={find.answered} none={runs.step.noOutput} />
      </details>
    </>
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
  if (kind === 'redelivery') return `redelivery ${of.event.source} ${of.event.eventId} ${of.number}`;
  if (kind === 'rejection') return `rejection ${of.at} ${of.number}`;
  if (kind === 'refund') return `refund ${of.run} ${of.step.id}`;
  if (kind === 'run') return `run ${of.workflowId}`;
  if (kind === 'approval') return `approval ${of.workflowId} ${of.step}`;
  return `${kind} ${of.id}`;
}

/** The address of an endpoint may hold a key in its path. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
