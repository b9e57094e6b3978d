import { useState } from 'preact/hooks';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { may } from '../../app/session.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { problemText } from '../../parts/failure.tsx';
import { Field } from '../../parts/field.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';

type Outcome = { sample: string; status: number | null; answer: string } | Error;

/** Sends a signed sample to the source's own URL, and says what that shows. */
export function SignedTest({
  source: { name, canSign, samples, title },
  reload,
}: {
  source: components['schemas']['ShownSource'];
  reload: () => Promise<void>;
}) {
  const words = useWords();
  const { sources, parts } = words;
  const [sample, setSample] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const isAllowed = may('operator');

  async function send(): Promise<void> {
    setBusy(true);
    setOutcome(null);
    const body = sample === '' ? {} : { sample };
    const asked = api.POST('/sources/{source}/test', { params: { path: { source: name } }, body });
    setOutcome(await answerOf(asked).catch((error: unknown) => error as Error));
    setBusy(false);
    await reload();
  }

  if (!canSign) {
    return (
      <Card title={sources.test}>
        <p class="muted">{sources.cannotSign(title)}</p>
      </Card>
    );
  }
  return (
    <Card title={sources.test}>
      <p class="muted">{sources.testWhat}</p>
      <Field label={sources.testSample}>
        {(field) => (
          <select {...field} value={sample} onChange={(event) => setSample(event.currentTarget.value)}>
            <option value="">{sources.firstSample}</option>
            {samples.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div>
        <Button
          icon="source"
          isBusy={isBusy}
          disabled={!isAllowed}
          title={isAllowed ? undefined : parts.needsRole(parts.roles.operator)}
          onClick={() => void send()}
        >
          {sources.sendTest}
        </Button>
      </div>
      <div role="status">
        {outcome instanceof Error && <Note tone="bad" title={problemText(outcome, words)} />}
        {outcome !== null && !(outcome instanceof Error) && (
          <Note
            tone={outcome.status !== null && outcome.status < 300 ? 'ok' : 'bad'}
            title={sources.testTitle(outcome.sample, outcome.status === null ? '—' : `HTTP ${outcome.status}`)}
          >
            <p>{sources.testOutcomes[meaningOf(outcome.status)]}</p>
            {outcome.answer !== '' && <p class="mono small break">{outcome.answer}</p>}
          </Note>
        )}
      </div>
    </Card>
  );
}

function meaningOf(status: number | null): 'none' | 'ok' | 'redirect' | 'absent' | 'busy' | 'rejected' {
  if (status === null) return 'none';
  if (status < 300) return 'ok';
  if (status < 400) return 'redirect';
  if (status === 404) return 'absent';
  return status === 429 || status === 503 ? 'busy' : 'rejected';
}
