import './run.css';
import type { ComponentChildren } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useMemo, useRef, useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { deliveryLink, eventLink, listLink, runLink, useSegments } from '../../app/links.ts';
import { useLive, usePoll } from '../../app/live.ts';
import { ApiError } from '../../app/send.ts';
import { useLoad } from '../../app/use-load.ts';
import { AuditList } from '../../parts/audit-list.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { Code } from '../../parts/code.tsx';
import { Copy } from '../../parts/copy.tsx';
import { Facts } from '../../parts/facts.tsx';
import { duration } from '../../parts/format.ts';
import { Icon } from '../../parts/icon.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Load } from '../../parts/load.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Money } from '../../parts/money.tsx';
import { Note } from '../../parts/note.tsx';
import { Page } from '../../parts/page.tsx';
import { Time } from '../../parts/time.tsx';
import { deliveryTones, runTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { Compare } from './compare.tsx';
import { RunCommands } from './run-commands.tsx';
import { stepsOf } from './run-path.ts';
import { type FullRun, isOpen, runName, type RunStep, stateOf } from './run-state.ts';
import { StepPanel } from './step-panel.tsx';
import { Waterfall } from './waterfall.tsx';

/** What draws definitions is large. */
const RunPicture = lazy(() => import('./run-picture.tsx'));

/** One run: its graph and waterfall, each step, and what can be done about it. */
export default function RunPage() {
  const { runs } = useWords();
  const [workflowId = ''] = useSegments();
  const known = useRef<FullRun | null>(null);
  const run = useLoad(workflowId, async (signal) => {
    const asked = await answerOf(api.GET('/runs/{run}', { signal, params: { path: { run: workflowId } } }));
    const found = withDetails(asked, known.current);
    known.current = found;
    return { run: found, atMs: Date.now(), currentHash: await hashOf(found.definition, signal) };
  });
  const { data } = run;
  useLive(['runs', 'deliveries', 'approvals'], run.reload);
  // How a run goes on is told to nobody.
  usePoll(pollMs, data !== null && isOpen(data.run) && !run.isLoading, run.reload);
  const isOld = data !== null && data.currentHash !== null && data.run.definitionHash !== data.currentHash;
  return (
    <Page
      title={data === null ? runName(workflowId) : runName(data.run.workflowId)}
      up={{ href: '/runs', title: runs.title }}
      about={data !== null && <About run={data.run} atMs={data.atMs} />}
      actions={data !== null && <RunCommands run={data.run} isOld={isOld} reload={run.reload} />}
    >
      <Load of={run}>
        {({ run: shown, atMs, currentHash }) => <Run {...{ atMs, currentHash }} run={shown} reload={run.reload} />}
      </Load>
    </Page>
  );
}

/** If the run tells nothing of its steps now, what it told before stays, with the reason. */
function withDetails(run: FullRun, before: FullRun | null): FullRun {
  return run.details === null && before?.workflowId === run.workflowId ? { ...run, details: before.details } : run;
}

/** While a run goes on. */
const pollMs = 2_000;

/** Null: the definition is no longer served. */
async function hashOf(definition: string, signal: AbortSignal): Promise<string | null> {
  try {
    const params = { path: { definition } };
    return (await answerOf(api.GET('/definitions/{definition}', { signal, params }))).hash;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 400)) return null;
    throw error;
  }
}

interface RunProps {
  run: FullRun;
  atMs: number;
  currentHash: string | null;
  reload: () => Promise<void>;
}

function Run({ run, atMs, currentHash, reload }: RunProps) {
  const { runs } = useWords();
  const [chosen, choose] = useState<string | null>(null);
  const steps = useMemo(() => stepsOf(run), [run]);
  const step = steps.find(({ id }) => id === chosen) ?? mostTelling(steps);
  return (
    <>
      <Notes run={run} />
      {steps.length > 0 && (
        <div class="run-views">
          <Card title={runs.graph} isFlush>
            <Suspense fallback={<Loading />}>
              <RunPicture run={run} selected={step?.id ?? null} onSelect={choose} />
            </Suspense>
          </Card>
          <Card title={runs.waterfall} isFlush>
            <Waterfall run={run} nowMs={atMs} selected={step?.id ?? null} onSelect={choose} />
          </Card>
        </div>
      )}
      <div class="columns">
        <div class="stack">
          {step !== undefined && <StepPanel key={step.id} run={run} step={step} reload={reload} />}
          <Deliveries run={run} />
          {run.audit.length > 0 && (
            <Card title={runs.audit}>
              <AuditList entries={run.audit} />
            </Card>
          )}
        </div>
        <div class="stack">
          <AboutRun run={run} />
          <Compare run={run} currentHash={currentHash} />
        </div>
      </div>
    </>
  );
}

/** What an operator looks at first: where it is stuck, then where it is, then where it ended. */
function mostTelling(steps: readonly RunStep[]): RunStep | undefined {
  const inner = (statuses: readonly RunStep['status'][]) =>
    steps.filter(({ status }) => statuses.includes(status)).at(-1);
  return inner(['parked']) ?? inner(['running']) ?? inner(['failed', 'timedOut']) ?? steps[0];
}

function About({ run, atMs }: { run: FullRun; atMs: number }) {
  const { runs, locale } = useWords();
  const { workflowId, startedAt, closedAt, amount, currency, webUi } = run;
  const state = stateOf(run);
  const lastedMs = (closedAt === null ? atMs : Date.parse(closedAt)) - Date.parse(startedAt);
  return (
    <>
      <Badge tone={runTones[state]}>{runs.states[state]}</Badge>
      <span class="mono break">{workflowId}</span>
      <Copy text={workflowId} what={runs.copyId} />
      <Money amount={amount} currency={currency} />
      <Time at={startedAt} />
      <span>
        {closedAt === null ? runs.sinceStart(duration(lastedMs, locale)) : runs.took(duration(lastedMs, locale))}
      </span>
      {webUi !== null && (
        <a class="row nowrap" href={webUi} target="_blank" rel="noreferrer">
          {runs.webUi}
          <Icon name="external" size={14} />
        </a>
      )}
    </>
  );
}

function Notes({ run }: { run: FullRun }) {
  const { runs, parts } = useWords();
  const { details, failure, missing, temporal } = run;
  const paused = details?.paused ?? null;
  return (
    <>
      {temporal === 'unreachable' && <Note tone="warn">{runs.unreachable}</Note>}
      {temporal === 'gone' && <Note>{runs.gone}</Note>}
      {missing !== null && <Note tone="warn">{runs.noDetails(missing)}</Note>}
      {paused !== null && (
        <Note tone="warn" title={runs.pausedBy(paused.by ?? parts.unknown, paused.reason ?? parts.none)} />
      )}
      {failure !== null && (
        <Note tone="bad" title={failure.type}>
          <p class="break">{failure.message}</p>
        </Note>
      )}
      {details?.notes.map((note) => (
        <Note key={note}>
          <p class="break">{note}</p>
        </Note>
      ))}
    </>
  );
}

function AboutRun({ run }: { run: FullRun }) {
  const { runs, parts } = useWords();
  const { facts } = runs;
  const { result } = run;
  const retryOf = run.details?.retryOf ?? null;
  const later = run.retries.filter(({ of }) => of === run.workflowId);
  return (
    <Card title={parts.details}>
      <Facts
        facts={[
          [
            facts.event,
            <Link key="event" href={eventLink(run.source, run.eventId)}>
              {run.eventType}
            </Link>,
          ],
          [
            facts.order,
            run.orderId !== null && <Link href={listLink('/runs', { order: run.orderId })}>{run.orderId}</Link>,
          ],
          [facts.started, <Time key="started" at={run.startedAt} isFull />],
          [facts.closed, run.closedAt !== null && <Time at={run.closedAt} isFull />],
          [facts.definition, run.definition],
          [facts.version, run.definitionHash !== null && <span class="mono">{run.definitionHash.slice(0, 12)}</span>],
          [facts.parent, run.parent !== null && <Link href={runLink(run.parent)}>{runName(run.parent)}</Link>],
          [facts.retryOf, retryOf !== null && <Link href={runLink(retryOf)}>{runName(retryOf)}</Link>],
          ...later.map((retry): [string, ComponentChildren] => [
            facts.retries,
            <Link key={retry.run} href={runLink(retry.run)}>
              {runName(retry.run)}
            </Link>,
          ]),
          [facts.history, run.historyLength],
        ]}
      />
      {result !== null && <h3>{facts.result}</h3>}
      {result !== null &&
        ('value' in result ? (
          <JsonView value={result.value} what={facts.result} />
        ) : (
          <Code text={result.beginning} what={facts.result} />
        ))}
    </Card>
  );
}

function Deliveries({ run: { deliveries } }: { run: FullRun }) {
  const { runs } = useWords();
  if (deliveries.length === 0) return null;
  return (
    <Card title={runs.deliveries}>
      <ul class="plain-list">
        {deliveries.map(({ id, type, url, state, lastError, createdAt }) => (
          <li key={id}>
            <div class="row">
              <Badge tone={deliveryTones[state]}>{runs.deliveryStates[state]}</Badge>
              <Link href={deliveryLink(id)}>{type}</Link>
              <Time at={createdAt} />
            </div>
            <div class="small faint break">{url}</div>
            {lastError !== null && <p class="small break">{lastError}</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
