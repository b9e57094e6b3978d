import { useEffect, useState } from 'preact/hooks';
import type { Simulation, TraceEntry } from '../../../simulator/simulation.ts';
import { api, answerOf } from '../../app/api.ts';
import { useLoad } from '../../app/use-load.ts';
import { Badge } from '../../parts/badge.tsx';
import { Editor } from '../../parts/editor/editor.tsx';
import { Field } from '../../parts/field.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Note } from '../../parts/note.tsx';
import { stepTones, type Tone } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { Mistakes } from './mistakes.tsx';
import { useSoon } from './use-soon.ts';
import { type Answers, longestTrace, type Simulated } from './worker/protocol.ts';
import { problemOf, type Workshop } from './workshop.ts';

interface SimulationProps {
  workshop: Workshop;
  text: string;
  checked: Answers['check'] | null;
  onStep: (step: string) => void;
}

/** Runs the draft on one event, in virtual time. It runs again as soon as anything changes. */
export function SimulationView({ workshop, text, checked, onStep }: SimulationProps) {
  const { playground } = useWords();
  const [event, setEvent] = useState<unknown>(null);
  const [answers, setAnswers] = useState('{}\n');
  const [later, setLater] = useState('[]\n');
  const { simulated, problem } = useSimulated(workshop, { text, event, answers, later });
  return (
    <div class="stack">
      <EventChoice onChoose={setEvent} />
      <details class="given">
        <summary>{playground.answers}</summary>
        <p class="muted small">{playground.answersWhat}</p>
        <Editor text={answers} label={playground.answers} onChange={setAnswers} />
      </details>
      <details class="given">
        <summary>{playground.later}</summary>
        <p class="muted small">{playground.laterWhat}</p>
        <Editor text={later} label={playground.later} onChange={setLater} />
      </details>
      <div role="status" class="stack">
        {problem !== null && <Note tone="bad" title={problem} />}
        {checked !== null && checked.definition === null && problem === null && (
          <Note tone="warn">{playground.hasMistakes}</Note>
        )}
        {simulated === null && problem === null && <Loading />}
        {simulated !== null && <Outcome simulated={simulated} />}
      </div>
      {simulated !== null && simulated.kind !== 'mistakes' && simulated.simulation !== null && (
        <Trace simulation={simulated.simulation} onStep={onStep} />
      )}
      {simulated !== null && simulated.kind !== 'mistakes' && (
        <details class="given">
          <summary>{playground.event}</summary>
          {simulated.filled.length > 0 && (
            <p class="muted small break">{playground.filled(simulated.filled.join(', '))}</p>
          )}
          <JsonView value={simulated.event} what={playground.event} depth={2} />
        </details>
      )}
    </div>
  );
}

function useSimulated(
  workshop: Workshop,
  what: { text: string; event: unknown; answers: string; later: string },
): { simulated: Simulated | null; problem: string | null } {
  const { playground } = useWords();
  const [state, setState] = useState<{ simulated: Simulated | null; problem: string | null }>({
    ...{ simulated: null, problem: null },
  });
  const soon = useSoon(350);
  useEffect(
    () =>
      soon(async (isLatest) => {
        try {
          const simulated = await workshop.ask('simulate', what);
          // A draft with mistakes leaves the last outcome in place: somebody is typing.
          if (isLatest() && !(simulated.kind === 'mistakes' && simulated.where === 'draft')) {
            setState({ simulated, problem: null });
          }
        } catch (error) {
          if (isLatest()) setState({ simulated: null, problem: problemOf(error, playground) });
        }
      }),
    [workshop, what.text, what.event, what.answers, what.later],
  );
  return state;
}

const outcomeTones: Record<Simulation['status'], Tone> = {
  completed: 'ok',
  failed: 'bad',
  canceled: 'idle',
  stuck: 'warn',
};

function Outcome({ simulated }: { simulated: Simulated }) {
  const { playground } = useWords();
  if (simulated.kind === 'mistakes') {
    return <Mistakes {...simulated} />;
  }
  const { simulation, because } = simulated;
  if (simulation === null) {
    return (
      <Note tone="warn" title={playground.notTriggered}>
        <p class="break">{because}</p>
      </Note>
    );
  }
  const { status, endedAt, error, stuckAt, isCutOff, output, refused } = simulation;
  return (
    <>
      <p class="row">
        <Badge tone={outcomeTones[status]}>{playground.outcomes[isCutOff ? 'cutOff' : status]}</Badge>
        <span>{playground.after(endedAt.slice(1))}</span>
        <span class="muted break">{playground.triggered(because)}</span>
      </p>
      {error !== null && <Note tone="bad" title={`${error.type}: ${error.message}`} />}
      {stuckAt.length > 0 && (
        <Note tone="warn">{(isCutOff ? playground.cutOff : playground.stuckAt)(stuckAt.join('; '))}</Note>
      )}
      {refused.map(({ at, what, reason }, index) => (
        <Note key={index} tone="warn">{`${at} ${what}: ${reason}`}</Note>
      ))}
      {output !== null && <JsonView value={output} what={playground.output} depth={1} />}
    </>
  );
}

/** What happened, step by step. */
function Trace({ simulation, onStep }: { simulation: Simulation; onStep: (step: string) => void }) {
  const { playground } = useWords();
  const { trace, undone } = simulation;
  return (
    <>
      <ol class="trace" aria-label={playground.trace}>
        {trace.map((entry) => (
          <Entry key={entry.path} entry={entry} onStep={onStep} />
        ))}
        {undone.map(({ at, path, what, ok, inDoubt, error }, index) => (
          <li key={`undo ${index}`}>
            <span class="trace-time">{at}</span>
            <div class="break">
              <Badge tone={ok ? 'warn' : 'bad'}>{playground.undone}</Badge> <strong>{path}</strong> {what}
              {inDoubt && <span class="muted"> {playground.inDoubt}</span>}
              {error !== undefined && <p class="small">{`${error.type}: ${error.message}`}</p>}
            </div>
          </li>
        ))}
      </ol>
      {trace.length === longestTrace && <Note>{playground.traceCut(longestTrace)}</Note>}
    </>
  );
}

function Entry({ entry, onStep }: { entry: TraceEntry; onStep: (step: string) => void }) {
  const { playground } = useWords();
  const { at, endedAt, path, step, verb, what, depth, status, input, output, madeUp, error, attempts, decisions } =
    entry;
  const hasMore = input !== undefined || output !== undefined || decisions.length > 0 || attempts.length > 1;
  return (
    <li>
      <span class="trace-time">{endedAt === null || endedAt === at ? at : `${at} → ${endedAt}`}</span>
      <svg class="step-indent" width={Math.min(depth, 12) * 12} height="1" aria-hidden="true" />
      <div class="trace-body break">
        <Badge tone={stepTones[status]}>{playground.statuses[status]}</Badge>{' '}
        <button type="button" class="step-id" onClick={() => onStep(step)}>
          {path}
        </button>{' '}
        <span class="muted">{[verb === 'call' ? '' : verb, what].filter(Boolean).join(' ')}</span>
        {madeUp === true && <span class="faint small"> {playground.madeUp}</span>}
        {error !== undefined && <p class="small">{`${error.type}: ${error.message}`}</p>}
        {hasMore && (
          <details>
            <summary class="small">{playground.more}</summary>
            {decisions.map(({ position, value, because }, index) => (
              <p key={index} class="small">{`${position}: ${value} — ${because}`}</p>
            ))}
            {attempts.length > 1 &&
              attempts.map(({ at: began, outcome }, index) => (
                <p key={index} class="small">{`${index + 1}. ${began} ${outcome}`}</p>
              ))}
            {input !== undefined && <JsonView value={input} what={playground.input} depth={1} />}
            {output !== undefined && <JsonView value={output} what={playground.output} depth={1} />}
          </details>
        )}
      </div>
    </li>
  );
}

/** Made up, a sample of a gateway, or an event that was stored. Null is made up. */
function EventChoice({ onChoose }: { onChoose: (event: unknown) => void }) {
  const { playground } = useWords();
  const [from, setFrom] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const gateways = useLoad('gateways', (signal) => answerOf(api.GET('/gateways', { signal })));
  const stored = useLoad('events', (signal) =>
    answerOf(api.GET('/events', { signal, params: { query: { limit: 50 } } })),
  );
  const samples = useLoad(from === '' || from === 'stored' ? null : from, (signal) =>
    answerOf(api.GET('/gateways/{gateway}/samples', { signal, params: { path: { gateway: from } } })),
  );

  const listed = samples.data?.items ?? null;

  async function chooseStored(key: string): Promise<void> {
    setProblem(null);
    if (key === '') return onChoose(null);
    const [source = '', event = ''] = JSON.parse(key) as string[];
    try {
      const path = { source, event };
      const shown = await answerOf(api.GET('/events/{source}/{event}', { params: { path, query: {} } }));
      if (!shown.hasDetails) return setProblem(playground.detailsGone);
      if (shown.body === null) setProblem(playground.dataGone);
      else if (shown.body.hidden !== null) setProblem(playground.dataHidden(shown.body.hidden));
      onChoose({ ...(shown.envelope as object), data: shown.data ?? null });
    } catch (error) {
      setProblem(problemOf(error, playground));
    }
  }

  return (
    <div class="event-choice">
      <Field label={playground.eventFrom}>
        {(field) => (
          <select
            {...field}
            value={from}
            onChange={({ currentTarget: { value } }) => {
              setFrom(value);
              setProblem(null);
              onChoose(null);
            }}
          >
            <option value="">{playground.madeUpEvent}</option>
            <option value="stored">{playground.storedEvent}</option>
            <optgroup label={playground.samples}>
              {(gateways.data?.items ?? []).map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </optgroup>
          </select>
        )}
      </Field>
      {from === 'stored' && (
        <Field label={playground.storedEvent}>
          {(field) => (
            <select {...field} onChange={({ currentTarget: { value } }) => void chooseStored(value)}>
              <option value="">{playground.choose}</option>
              {(stored.data?.items ?? [])
                .filter(({ state }) => state !== 'unreadable')
                .map(({ source, eventId, type, orderId }) => (
                  <option key={`${source} ${eventId}`} value={JSON.stringify([source, eventId])}>
                    {[type, orderId, source, eventId].filter(Boolean).join(' · ')}
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      {listed !== null && (
        <Field label={playground.samples}>
          {(field) => (
            <select
              {...field}
              onChange={({ currentTarget: { value } }) =>
                onChoose(listed.find(({ name }) => name === value)?.event ?? null)
              }
            >
              <option value="">{playground.choose}</option>
              {listed.map(({ name, type }) => (
                <option key={name} value={name}>
                  {name === type ? name : `${name} · ${type}`}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {problem !== null && <Note tone="warn">{problem}</Note>}
    </div>
  );
}
