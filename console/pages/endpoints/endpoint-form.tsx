import './endpoints.css';
import { useState } from 'preact/hooks';
import { isPortal } from '../../app/portal.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { problemText } from '../../parts/failure.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import { type Draft, DraftError } from './draft.ts';

/** The fields of an endpoint. What `save` throws is shown below them. */
export function EndpointForm({
  initial,
  isNew,
  save,
  onCancel,
}: {
  initial: Draft;
  isNew: boolean;
  save: (draft: Draft) => Promise<void>;
  onCancel: () => void;
}) {
  const words = useWords();
  const { endpoints, parts } = words;
  const [draft, setDraft] = useState(initial);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const set = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  const errorAt = (field: keyof Draft): string | null => {
    if (!(problem instanceof DraftError) || problem.field !== field) return null;
    return problem.unknown.length > 0 ? endpoints.unknownNames(problem.unknown.join(', ')) : endpoints.unreadable;
  };

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await save(draft);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  const text = (name: keyof Draft, label: string, hint?: string, placeholder = '') => (
    <Field label={label} isOptional error={errorAt(name)} {...(hint === undefined ? {} : { hint })}>
      {(field) => (
        <input
          {...field}
          type="text"
          autoComplete="off"
          spellcheck={false}
          maxLength={500}
          placeholder={placeholder}
          value={draft[name]}
          onInput={(event) => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  const json = (name: 'more' | 'secrets', label: string, hint: string) => (
    <Field label={label} hint={hint} isOptional error={errorAt(name)}>
      {(field) => (
        <textarea
          {...field}
          class="input code"
          rows={6}
          maxLength={60_000}
          spellcheck={false}
          value={draft[name]}
          onInput={(event) => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <Field label={endpoints.url} hint={endpoints.urlHint}>
        {(field) => (
          <input
            {...field}
            type="url"
            required
            maxLength={2_000}
            placeholder="https://shop.example/webhooks"
            value={draft.url}
            onInput={(event) => set({ url: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={endpoints.patterns} hint={endpoints.patternsHint}>
        {(field) => (
          <textarea
            {...field}
            required
            rows={2}
            maxLength={10_000}
            spellcheck={false}
            value={draft.patterns}
            onInput={(event) => set({ patterns: event.currentTarget.value })}
          />
        )}
      </Field>
      {text('description', endpoints.description)}
      {isNew && !isPortal() && text('tenant', endpoints.tenant, endpoints.tenantHint)}
      <details>
        <summary>{endpoints.moreSettings}</summary>
        <div class="stack">
          <div class="field-pair">
            {text('timeLimit', endpoints.timeLimit, undefined, '15s')}
            {text('rate', endpoints.rate, undefined, endpoints.noLimit)}
            {text('concurrency', endpoints.concurrency, undefined, '10')}
            {text('disableAfter', endpoints.disableAfter, undefined, '5d')}
          </div>
          {json('more', endpoints.more, endpoints.moreHint)}
          {json('secrets', endpoints.secrets, isNew ? endpoints.secretsHint : endpoints.secretsHintEdit)}
        </div>
      </details>
      {problem !== null && !(problem instanceof DraftError) && (
        <div role="alert">
          <Note tone="bad" title={problemText(problem, words)} />
        </div>
      )}
      <div class="dialog-foot">
        <Button onClick={onCancel}>{parts.cancel}</Button>
        <Button kind="primary" type="submit" isBusy={isBusy}>
          {isNew ? endpoints.add : endpoints.save}
        </Button>
      </div>
    </form>
  );
}
