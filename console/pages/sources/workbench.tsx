import './sources.css';
import { useState } from 'preact/hooks';
import type { components } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { may } from '../../app/session.ts';
import { useLoad } from '../../app/use-load.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { problemText } from '../../parts/failure.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { JsonView } from '../../parts/json-view.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import { headOf } from './pasted.ts';

type Verification = components['schemas']['Verification'];

/** Opens the workbench: paste a request and a secret, and see which check fails and why. */
export function WorkbenchButton({ gateway, source }: { gateway?: string; source?: string }) {
  const { sources, parts } = useWords();
  const [isOpen, setOpen] = useState(false);
  const isAllowed = may('operator');
  return (
    <>
      <Button
        icon="playground"
        disabled={!isAllowed}
        title={isAllowed ? undefined : parts.needsRole(parts.roles.operator)}
        onClick={() => setOpen(true)}
      >
        {sources.workbench}
      </Button>
      <Dialog title={sources.workbench} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Workbench gateway={gateway ?? ''} source={source ?? null} />
      </Dialog>
    </>
  );
}

function Workbench({ gateway: given, source }: { gateway: string; source: string | null }) {
  const words = useWords();
  const { sources } = words;
  const gateways = useLoad('gateways', (signal) => answerOf(api.GET('/gateways', { signal })));
  const [gateway, setGateway] = useState(given);
  const [head, setHead] = useState('');
  const [body, setBody] = useState('');
  const [secret, setSecret] = useState('');
  const [keyId, setKeyId] = useState('');
  const [settings, setSettings] = useState<Record<string, string>>({});
  const [checksAge, setChecksAge] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Verification | Error | null>(null);
  const chosen = gateways.data?.items.find(({ name }) => name === gateway);
  const needed = given === '' ? (chosen?.settings ?? []) : []; // A source has its own.
  const hasKeyIds = chosen?.needs === 'keyring';

  async function check(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const { headers, url } = headOf(head);
    const asked = api.POST('/gateways/{gateway}/verify', {
      params: { path: { gateway } },
      body: {
        ...{ headers, body, checksAge, settings, method: 'POST', url: url ?? '' },
        secrets: secret === '' || hasKeyIds ? [] : [secret],
        keyring: secret !== '' && hasKeyIds ? { [keyId.trim()]: secret } : {},
        ...(source !== null && { source }),
      },
    });
    setOutcome(await answerOf(asked).catch((error: unknown) => error as Error));
    setBusy(false);
  }

  const unread = headOf(head).unread;
  return (
    <form class="stack" onSubmit={(event) => void check(event)}>
      <p class="muted">{sources.workbenchWhat}</p>
      {given === '' && (
        <Load of={gateways}>
          {({ items }) => (
            <Field label={sources.gateway}>
              {(field) => (
                <select {...field} required value={gateway} onChange={(event) => setGateway(event.currentTarget.value)}>
                  <option value="">{sources.choose}</option>
                  {items.map(({ name, title }) => (
                    <option key={name} value={name}>
                      {title}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </Load>
      )}
      {needed.map(({ name, about }) => (
        <Field key={name} label={name} hint={about} isOptional>
          {(field) => (
            <input
              {...field}
              maxLength={2_000}
              value={settings[name] ?? ''}
              onInput={(event) => setSettings({ ...settings, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Field
        label={sources.headers}
        hint={sources.headersHint}
        error={unread.length > 0 ? sources.unreadLines(unread.slice(0, 3).join(', ').slice(0, 200)) : null}
      >
        {(field) => (
          <textarea
            {...field}
            class="input code"
            rows={5}
            maxLength={100_000}
            spellcheck={false}
            value={head}
            onInput={(event) => setHead(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={sources.body} hint={sources.bodyHint}>
        {(field) => (
          <textarea
            {...field}
            class="input code"
            rows={6}
            maxLength={262_144}
            spellcheck={false}
            value={body}
            onInput={(event) => setBody(event.currentTarget.value)}
          />
        )}
      </Field>
      {hasKeyIds && (
        <Field label={sources.keyId} hint={sources.keyIdHint} isOptional={source !== null}>
          {(field) => (
            <input
              {...field}
              maxLength={200}
              spellcheck={false}
              required={secret !== ''}
              value={keyId}
              onInput={(event) => setKeyId(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      <Field
        label={sources.secret}
        hint={source === null ? sources.secretHint : sources.secretHintSource}
        isOptional={source !== null}
      >
        {(field) => (
          <input
            {...field}
            type="password"
            autoComplete="off"
            maxLength={20_000}
            value={secret}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
        )}
      </Field>
      <label class="check">
        <input type="checkbox" checked={checksAge} onChange={(event) => setChecksAge(event.currentTarget.checked)} />
        {sources.checksAge}
      </label>
      <div class="dialog-foot">
        <Button kind="primary" type="submit" isBusy={isBusy}>
          {sources.check}
        </Button>
      </div>
      <div role="status" class="stack">
        {outcome instanceof Error && <Note tone="bad" title={problemText(outcome, words)} />}
        {outcome !== null && !(outcome instanceof Error) && <Outcome verification={outcome} />}
      </div>
    </form>
  );
}

function Outcome({ verification }: { verification: Verification }) {
  const { sources } = useWords();
  const { genuine, reason, hint, remedies, headers, secretFaults, events, unreadable } = verification;
  return (
    <>
      <Note tone={genuine ? 'ok' : 'bad'} title={genuine ? sources.genuine : sources.notGenuine(reason ?? '')}>
        {hint !== null && <p>{hint}</p>}
        {remedies.length > 0 && (
          <>
            <p>
              <strong>{sources.wouldBeGenuine}</strong>
            </p>
            <ul>
              {remedies.map((remedy) => (
                <li key={remedy}>{sources.remedies[remedy]}</li>
              ))}
            </ul>
          </>
        )}
      </Note>
      {secretFaults.map(({ fault }) => (
        <Note key={fault} tone="warn" title={sources.secretFault(fault)} />
      ))}
      {headers.length > 0 && (
        <ul class="checks" aria-label={sources.neededHeaders}>
          {headers.map(({ name, isPresent }) => (
            <li key={name} class={isPresent ? 'yes' : 'no'}>
              <Icon name={isPresent ? 'check' : 'close'} size={16} />
              <code>{name}</code>
              <span class="small muted">{isPresent ? sources.present : sources.absent}</span>
            </li>
          ))}
        </ul>
      )}
      {unreadable !== null ? (
        <Note tone="warn" title={sources.unreadable(unreadable)} />
      ) : (
        <div>
          <h3>{sources.reads}</h3>
          <JsonView value={events.length === 1 ? events[0] : events} what={sources.reads} depth={1} />
        </div>
      )}
    </>
  );
}
