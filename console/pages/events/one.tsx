import './event.css';
import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { listLink, runLink, useSegments } from '../../app/links.ts';
import { useLive } from '../../app/live.ts';
import { may } from '../../app/session.ts';
import { useLoad } from '../../app/use-load.ts';
import { AuditList } from '../../parts/audit-list.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { bytes } from '../../parts/format.ts';
import { JsonView } from '../../parts/json-view.tsx';
import { Load } from '../../parts/load.tsx';
import { Money } from '../../parts/money.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Time } from '../../parts/time.tsx';
import { eventTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import type { components } from '../../../cli/api-types.ts';
import { bodyText } from './body-text.ts';
import { type Explained, Triggers, Verification } from './explained.tsx';
import { Origins } from './origins.tsx';
import { runName } from '../runs/run-state.ts';
import { quoted } from './quoted.ts';

type ShownEvent = components['schemas']['Event'];

interface Envelope {
  nativeType: string;
  occurredAt: string;
  entity: string | null;
  tenant: string | null;
  live?: boolean | null;
}

/** One event: what it says, what the gateway sent, and what became of it. */
export default function EventPage() {
  const { events } = useWords();
  const [source = '', eventId = ''] = useSegments();
  const params = { path: { source, event: eventId } };
  const event = useLoad(`${source}/${eventId}`, (signal) =>
    answerOf(api.GET('/events/{source}/{event}', { signal, params: { ...params, query: {} } })),
  );
  const explained = useLoad(`${source}/${eventId}`, (signal) =>
    answerOf(api.GET('/events/{source}/{event}/explanation', { signal, params })),
  );
  useLive(['events', 'runs'], event.reload);
  return (
    <Page
      title={event.data?.type ?? eventId}
      up={{ href: '/events', title: events.title }}
      about={event.data !== null && <About event={event.data} />}
      actions={event.data !== null && <Actions event={event.data} reload={event.reload} />}
    >
      <Load of={event}>
        {(shown) => (
          <div class="columns">
            <div class="stack">
              <Views event={shown} explained={explained.data} />
            </div>
            <div class="stack">
              <Runs event={shown} />
              {explained.data !== null && <Triggers explained={explained.data} />}
              {explained.data !== null && <Verification event={shown} explained={explained.data} />}
              <AboutEvent event={shown} />
              {shown.audit.length > 0 && (
                <Card title={events.audit}>
                  <AuditList entries={shown.audit} />
                </Card>
              )}
            </div>
          </div>
        )}
      </Load>
    </Page>
  );
}

function About({ event: { state, source, eventId, amount, currency, receivedAt } }: { event: ShownEvent }) {
  const { events } = useWords();
  return (
    <>
      <Badge tone={eventTones[state]}>{events.states[state]}</Badge>
      <span class="mono break">{eventId}</span>
      <Copy text={eventId} what={events.facts.id} />
      <Money amount={amount} currency={currency} />
      <span>{source}</span>
      <Time at={receivedAt} />
    </>
  );
}

function Actions({ event, reload }: { event: ShownEvent; reload: () => Promise<void> }) {
  const { events } = useWords();
  const { source, eventId } = event;
  const params = { path: { source, event: eventId } };
  const { redispatch, runAgain, refusals } = events;
  return (
    <>
      {event.body !== null && (
        <Copy
          text={`npx kait send --replay ${quoted(`${source}/${eventId}`)}`}
          what={events.copySendWhat}
          label={events.copySend}
        />
      )}
      <CommandButton
        label={redispatch.label}
        icon="retry"
        what={redispatch.what}
        done={redispatch.done}
        asksReason={false}
        reload={reload}
        act={async () => {
          const { replayed, why } = await answerOf(api.POST('/events/{source}/{event}/replay', { params }));
          if (!replayed) throw new Error(redispatch.refused(refusals[why ?? ''] ?? String(why)));
        }}
      />
      <CommandButton
        label={runAgain.label}
        icon="play"
        kind="danger"
        what={runAgain.what}
        done={runAgain.label}
        reload={reload}
        act={async (reason) => {
          const answer = await answerOf(api.POST('/events/{source}/{event}/run-again', { params, body: { reason } }));
          if (answer.refused !== null) throw new Error(runAgain.refused(refusals[answer.refused] ?? answer.refused));
          return runAgain.done(answer.runs.length);
        }}
      />
    </>
  );
}

function Views({ event, explained }: { event: ShownEvent; explained: Explained | null }) {
  const { events } = useWords();
  return (
    <Card isFlush>
      <Tabs
        label={events.views}
        tabs={[
          { id: 'fields', label: events.tabs.fields, content: () => <Origins event={event} explained={explained} /> },
          { id: 'event', label: events.tabs.event, content: () => <Canonical event={event} /> },
          { id: 'data', label: events.tabs.data, content: () => <Data event={event} /> },
          { id: 'raw', label: events.tabs.raw, content: () => <Raw event={event} /> },
        ]}
      />
    </Card>
  );
}

function Canonical({ event }: { event: ShownEvent }) {
  const { events } = useWords();
  return (
    <div class="stack">
      {!event.hasDetails && <Note>{events.detailsGone}</Note>}
      <JsonView value={event.envelope} what={events.tabs.event} depth={3} />
    </div>
  );
}

function Data({ event }: { event: ShownEvent }) {
  const { events } = useWords();
  if (event.body === null) return <Note>{events.bodyGone}</Note>;
  if (event.body.hidden !== null) return <Note tone="warn">{events.hiddenBody(event.body.hidden)}</Note>;
  return <JsonView value={event.data} what={events.tabs.data} depth={3} />;
}

/** Unredacted, so it is asked for only if somebody wants to see it. */
function Raw({ event: { source, eventId, body } }: { event: ShownEvent }) {
  const { events, parts } = useWords();
  const [isWanted, setWanted] = useState(false);
  const params = { path: { source, event: eventId } };
  const stored = useLoad(isWanted ? `${source}/${eventId}` : null, (signal) =>
    answerOf(api.GET('/events/{source}/{event}/body', { signal, params })),
  );
  if (body === null) return <Note>{events.bodyGone}</Note>;
  if (!isWanted) {
    return (
      <div class="stack">
        <p>{events.rawWhat}</p>
        <div class="row">
          <Button
            icon="eye"
            disabled={!may('operator')}
            title={may('operator') ? undefined : parts.needsRole(parts.roles.operator)}
            onClick={() => setWanted(true)}
          >
            {events.rawShow}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <Load of={stored}>
      {(raw) => {
        const { text, isText } = bodyText(raw.body);
        return (
          <div class="stack">
            <h3>{raw.contentType}</h3>
            {!isText && <p class="muted">{events.binary}</p>}
            <Code text={text} what={events.facts.body} />
            <h3>{events.headers}</h3>
            {raw.headers === null ? (
              <p class="muted">{events.noHeaders}</p>
            ) : (
              <Code
                text={Object.entries(raw.headers)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join('\n')}
                what={events.headers}
              />
            )}
          </div>
        );
      }}
    </Load>
  );
}

function Runs({ event: { runs, handovers, turns } }: { event: ShownEvent }) {
  const { events } = useWords();
  return (
    <Card title={events.runs}>
      {runs.length === 0 && <p class="muted">{events.noRuns}</p>}
      <ul class="plain-list">
        {runs.map(({ workflowId, startedAt, inDoubt }) => (
          <li key={workflowId}>
            <Link class="break" href={runLink(workflowId)} title={workflowId}>
              {runName(workflowId)}
            </Link>
            <div class="row small faint">
              {startedAt === null ? events.toStart : <Time at={startedAt} />}
              {inDoubt && <Badge tone="warn">{events.inDoubt}</Badge>}
            </div>
          </li>
        ))}
      </ul>
      {handovers.length > 0 && <h3>{events.handovers}</h3>}
      <ul class="plain-list">
        {handovers.map(({ workflowId, state, step, at }) => (
          <li key={workflowId}>
            <Link class="break" href={runLink(workflowId)} title={workflowId}>
              {runName(workflowId)}
            </Link>
            <div class="row small faint">
              {state === 'taken'
                ? events.handed.taken(step ?? '')
                : state === 'sent'
                  ? events.handed.sent
                  : events.handed.other}
              <Time at={at} />
            </div>
          </li>
        ))}
      </ul>
      {turns.length > 0 && <h3>{events.turns}</h3>}
      <ul class="plain-list">
        {turns.map(({ workflowId, state, because, key }) => (
          <li key={workflowId} class="break">
            {workflowId}
            <div class="small faint">
              {[events.turnStates[state] ?? state, because, key].filter((part) => part !== null).join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function AboutEvent({ event }: { event: ShownEvent }) {
  const { events, locale } = useWords();
  const { facts } = events;
  const envelope = event.envelope as Envelope; // As `event.schema.json` says.
  const { body } = event;
  return (
    <Card title={useWords().parts.details}>
      <Facts
        facts={[
          [facts.lastError, event.lastError],
          [
            facts.order,
            event.orderId !== null && <Link href={listLink('/events', { order: event.orderId })}>{event.orderId}</Link>,
          ],
          [facts.source, <Link href={listLink('/events', { source: event.source })}>{event.source}</Link>],
          [facts.nativeType, <span class="mono">{envelope.nativeType}</span>],
          [facts.entity, event.entity],
          [facts.tenant, envelope.tenant],
          [facts.occurred, <Time at={envelope.occurredAt} isFull />],
          [facts.received, <Time at={event.receivedAt} isFull />],
          [facts.duplicates, event.duplicates > 0 && events.times(event.duplicates)],
          [facts.rereadAs, event.rereadAs],
          [facts.live, event.hasDetails && liveText(envelope.live, events.live)],
          [facts.body, body !== null && `${body.contentType} · ${bytes(body.bytes, locale)}`],
          [facts.item, body !== null && (body.items ?? 1) > 1 && events.itemOf(body.item + 1, body.items ?? 1)],
          [facts.sha256, body !== null && <span class="mono">{body.sha256}</span>],
        ]}
      />
    </Card>
  );
}

function liveText(live: boolean | null | undefined, texts: { yes: string; no: string; unknown: string }): string {
  if (live === true) return texts.yes;
  return live === false ? texts.no : texts.unknown;
}
