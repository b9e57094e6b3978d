import { useState } from 'preact/hooks';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { eventLink } from '../../app/links.ts';
import { may } from '../../app/session.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { problemText } from '../../parts/failure.tsx';
import { Field } from '../../parts/field.tsx';
import { Note } from '../../parts/note.tsx';
import { eventTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';

type Fetched = components['schemas']['FetchedMissing'];

/** Asks the gateway for something that its dashboard shows and Kait has not seen, and stores it as if its webhook had arrived. */
export function FetchMissing({ source, reload }: { source: string; reload: () => Promise<void> }) {
  const words = useWords();
  const { sources, parts } = words;
  const [id, setId] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Fetched | Error | null>(null);
  const isAllowed = may('operator');

  async function ask(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setOutcome(null);
    const asked = api.POST('/sources/{source}/fetch', {
      params: { path: { source } },
      body: { id: id.trim(), days: 3 },
    });
    setOutcome(await answerOf(asked).catch((error: unknown) => error as Error));
    setBusy(false);
    await reload();
  }

  return (
    <Card title={sources.fetch}>
      <p class="muted">{sources.fetchWhat}</p>
      <form class="stack" onSubmit={(event) => void ask(event)}>
        <Field label={sources.fetchId} hint={sources.fetchIdHint}>
          {(field) => (
            <input
              {...field}
              required
              maxLength={200}
              autoComplete="off"
              value={id}
              onInput={(event) => setId(event.currentTarget.value)}
            />
          )}
        </Field>
        <div>
          <Button
            type="submit"
            icon="search"
            isBusy={isBusy}
            disabled={!isAllowed}
            title={isAllowed ? undefined : parts.needsRole(parts.roles.operator)}
          >
            {sources.fetchAsk}
          </Button>
        </div>
      </form>
      <div role="status">
        {outcome instanceof Error && <Note tone="bad" title={problemText(outcome, words)} />}
        {outcome !== null && !(outcome instanceof Error) && <Outcome source={source} fetched={outcome} />}
      </div>
    </Card>
  );
}

function Outcome({ source, fetched: { kind, reason, events } }: { source: string; fetched: Fetched }) {
  const words = useWords();
  const { fetchOutcomes, fetchStored, fetchKnown } = words.sources;
  return (
    <Note tone={kind === 'found' ? 'ok' : 'warn'} title={fetchOutcomes[kind]}>
      {reason !== null && <p class="break">{reason}</p>}
      {events.map(({ eventId, type, stored, state, why }) => (
        <div key={eventId}>
          <p class="row">
            <Badge tone={eventTones[state]}>{words.events.states[state]}</Badge>
            <Link href={eventLink(source, eventId)}>{type}</Link>
            <span class="small">{stored ? fetchStored : fetchKnown}</span>
          </p>
          {why !== null && <p class="small break">{why}</p>}
        </div>
      ))}
    </Note>
  );
}
