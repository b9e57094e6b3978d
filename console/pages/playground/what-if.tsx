import { useState } from 'preact/hooks';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { Definition } from '../../../language/definition.ts';
import type { StoredEvent, WhatIf } from '../../../simulator/what-if/what-if.ts';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { eventLink } from '../../app/links.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Money } from '../../parts/money.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import type { Bench } from './worker/protocol.ts';
import { problemOf, type Workshop } from './workshop.ts';

const counts = [25, 100, 500];
const atOnce = 6;

/** What the draft would decide otherwise about the last stored events. Nothing leaves: both versions are simulated. */
export function WhatIfView({
  workshop,
  text,
  bench,
  draft,
}: {
  workshop: Workshop;
  text: string;
  bench: Bench;
  draft: Definition | null;
}) {
  const { playground } = useWords();
  const [count, setCount] = useState(100);
  const [looked, setLooked] = useState<number | null>(null);
  const [state, setState] = useState<{ result: WhatIf | null; problem: string | null }>({
    ...{ result: null, problem: null },
  });

  async function look(): Promise<void> {
    if (draft === null) return;
    setLooked(0);
    setState({ result: null, problem: null });
    try {
      const events = await storedEvents(count, { name: draft.name, words: playground, onProgress: setLooked });
      const served = Object.hasOwn(bench.definitions, draft.name) ? bench.definitions[draft.name] : null;
      const result = await workshop.ask('whatIf', { text, served: served as Definition | null, events });
      setState({ result, problem: null });
    } catch (error) {
      setState({ result: null, problem: problemOf(error, playground) });
    }
    setLooked(null);
  }

  return (
    <div class="stack">
      <p class="muted">{playground.whatIfWhat}</p>
      <div class="event-choice">
        <Field label={playground.lastEvents}>
          {(field) => (
            <select
              {...field}
              value={String(count)}
              onChange={({ currentTarget: { value } }) => setCount(Number(value))}
            >
              {counts.map((each) => (
                <option key={each} value={String(each)}>
                  {each}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Button kind="primary" isBusy={looked !== null} disabled={draft === null} onClick={() => void look()}>
          {looked === null ? playground.compare : playground.looked(looked)}
        </Button>
      </div>
      {draft === null && <Note tone="warn">{playground.hasMistakes}</Note>}
      <div role="status" class="stack">
        {state.problem !== null && <Note tone="bad" title={state.problem} />}
        {state.result !== null && <Result result={state.result} />}
      </div>
    </div>
  );
}

function Result({ result }: { result: WhatIf }) {
  const { playground } = useWords();
  const { looked, different, same, draftStarts, servedStarts, groups, unknown, assumed, hasServed } = result;
  return (
    <>
      <p>
        <strong>{playground.differs(different, looked)}</strong> {playground.sameCount(same)}{' '}
        {playground.starts(draftStarts, servedStarts)}
      </p>
      {!hasServed && <Note>{playground.notServed}</Note>}
      {groups.map(({ changes, events, money, examples }, index) => (
        <section key={index} class="group stack">
          <h3>
            {playground.events(events)}{' '}
            {Object.entries(money).map(([currency, amount]) => (
              <Money key={currency} amount={amount} currency={currency} />
            ))}
          </h3>
          <ul class="changes">
            {changes.map((change) => (
              <li key={change} class="break">
                {change}
              </li>
            ))}
          </ul>
          <ul class="small">
            {examples.map(({ source, eventId, orderId, because }) => (
              <li key={`${source} ${eventId}`} class="break">
                <Link href={eventLink(source, eventId)}>{orderId ?? eventId}</Link>
                {because !== null && <span class="muted"> {because}</span>}
              </li>
            ))}
          </ul>
        </section>
      ))}
      {Object.entries(unknown).map(([reason, count]) => (
        <Note key={reason}>{playground.cannotTell(playground.events(count), reason)}</Note>
      ))}
      {assumed.length > 0 && <Note>{playground.assumed(assumed.join(', '))}</Note>}
    </>
  );
}

interface Reading {
  name: string;
  words: { detailsGone: string; dataGone: string };
  onProgress: (looked: number) => void;
}

/** The newest events, or why nothing can be told about one. A few at a time. */
async function storedEvents(count: number, { name, words, onProgress }: Reading): Promise<(StoredEvent | string)[]> {
  const found: (StoredEvent | string)[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: Math.min(count - found.length, 100) };
    if (cursor !== null) query.cursor = cursor;
    const { items, next } = await answerOf(api.GET('/events', { params: { query } }));
    for (let at = 0; at < items.length; at += atOnce) {
      found.push(...(await Promise.all(items.slice(at, at + atOnce).map((item) => storedEvent(item, name, words)))));
      onProgress(found.length);
    }
    cursor = next;
  } while (cursor !== null && found.length < count);
  return found;
}

async function storedEvent(
  { source, eventId }: { source: string; eventId: string },
  name: string,
  { detailsGone, dataGone }: Reading['words'],
): Promise<StoredEvent | string> {
  const path = { source, event: eventId };
  const shown = await answerOf(api.GET('/events/{source}/{event}', { params: { path, query: {} } }));
  if (!shown.hasDetails || shown.state === 'unreadable') return detailsGone;
  if (shown.body?.hidden !== null) return dataGone;
  const event = { ...(shown.envelope as CanonicalEvent), data: shown.data ?? null } as CanonicalEvent; // As stored.
  return { event, hadRun: shown.runs.some(({ workflowId }) => workflowId.split('/', 2)[1] === name) };
}
