import './sources.css';
import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { sourceLink } from '../../app/links.ts';
import { useLoad } from '../../app/use-load.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/code.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Load } from '../../parts/load.tsx';
import { Note } from '../../parts/note.tsx';
import { useWords } from '../../words/words.ts';
import { addCommand, type Gateway, type NewSource, suggested, variableOf } from './add-command.ts';

/** Leads through adding a gateway: what to run, what to set, and what to do in its dashboard. Sources are files, so the console writes none. */
export function AddSource({ taken }: { taken: readonly string[] }) {
  const { sources } = useWords();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" icon="plus" onClick={() => setOpen(true)}>
        {sources.add}
      </Button>
      <Dialog title={sources.add} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Wizard taken={taken} />
      </Dialog>
    </>
  );
}

function Wizard({ taken }: { taken: readonly string[] }) {
  const { sources } = useWords();
  const loaded = useLoad('gateways', (signal) => answerOf(api.GET('/gateways', { signal })));
  const [gateway, setGateway] = useState<Gateway | null>(null);
  const [chosen, setChosen] = useState<NewSource | null>(null);
  return (
    <Load of={loaded}>
      {({ items }) => (
        <>
          <Field label={sources.gateway}>
            {(field) => (
              <select
                {...field}
                value={gateway?.name ?? ''}
                onChange={(event) => {
                  const found = items.find(({ name }) => name === event.currentTarget.value) ?? null;
                  setGateway(found);
                  setChosen(found === null ? null : suggested(found, taken));
                }}
              >
                <option value="">{sources.choose}</option>
                {items.map(({ name, title }) => (
                  <option key={name} value={name}>
                    {title}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {gateway !== null && chosen !== null && (
            <Steps
              gateway={gateway}
              chosen={chosen}
              taken={taken}
              set={(changes) => setChosen({ ...chosen, ...changes })}
            />
          )}
        </>
      )}
    </Load>
  );
}

interface StepsProps {
  gateway: Gateway;
  chosen: NewSource;
  taken: readonly string[];
  set: (changes: Partial<NewSource>) => void;
}

function Steps({ gateway, chosen, taken, set }: StepsProps) {
  const { sources } = useWords();
  const variable = variableOf(gateway, chosen);
  const isTaken = taken.includes(chosen.name);
  const isName = /^[a-z0-9][a-z0-9-]{0,62}$/.test(chosen.name);
  return (
    <>
      <Field
        label={sources.name}
        hint={sources.nameHint}
        error={isTaken ? sources.nameTaken : isName ? null : sources.nameWrong}
      >
        {(field) => (
          <input
            {...field}
            maxLength={63}
            spellcheck={false}
            value={chosen.name}
            onInput={(event) => set({ name: event.currentTarget.value.trim() })}
          />
        )}
      </Field>
      {gateway.needs === 'keyring' && (
        <Field label={sources.keyId} hint={sources.keyIdHint}>
          {(field) => (
            <input
              {...field}
              maxLength={500}
              spellcheck={false}
              value={chosen.keyId}
              onInput={(event) => set({ keyId: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      {gateway.settings.map(({ name, about, optional }) => (
        <Field key={name} label={name} hint={about} isOptional={optional}>
          {(field) => (
            <input
              {...field}
              maxLength={500}
              value={chosen.settings[name] ?? ''}
              onInput={(event) => set({ settings: { ...chosen.settings, [name]: event.currentTarget.value } })}
            />
          )}
        </Field>
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={chosen.isSandbox}
          onChange={(event) => set({ isSandbox: event.currentTarget.checked })}
        />
        {sources.sandbox}
      </label>
      {gateway.confirm !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={chosen.confirm}
            onChange={(event) => set({ confirm: event.currentTarget.checked })}
          />
          {sources.confirmFirst}
        </label>
      )}
      {gateway.confirm !== null && !chosen.confirm && <Note tone="warn" title={gateway.confirm.why} />}
      <ol class="steps">
        <li>
          <div class="stack">
            <span>{sources.stepRun}</span>
            <Code text={addCommand(gateway, chosen)} what={sources.command} />
          </div>
        </li>
        <li>
          <span class="break">
            {sources.stepOpen} <strong>{gateway.setup.where}</strong>
          </span>
        </li>
        {gateway.setup.steps.map((step) => (
          <li key={step}>
            <span class="break">{step.replaceAll('{url}', sources.itsUrl)}</span>
          </li>
        ))}
        {variable !== null && (
          <li>
            <span class="break">
              {sources.stepSecret} <code>{variable}</code>. {sources.secretIs} {gateway.setup.secret}
            </span>
          </li>
        )}
        <li>
          <span>
            {sources.stepTest} {isTaken ? <Link href={sourceLink(chosen.name)}>{chosen.name}</Link> : chosen.name}
          </span>
        </li>
      </ol>
      <p class={`row small ${isTaken ? '' : 'muted'}`} role="status">
        <Icon name={isTaken ? 'check' : 'clock'} size={16} />
        {isTaken ? sources.isThere : sources.notThere}
      </p>
    </>
  );
}
