import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { paths } from '../../../cli/api-types.ts';
import { api, answerOf } from '../../app/api.ts';
import { replayLink } from '../../app/links.ts';
import { may } from '../../app/session.ts';
import { Button } from '../../parts/button.tsx';
import { CommandButton } from '../../parts/command-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useWords } from '../../words/words.ts';
import type { Endpoint } from './condition.ts';
import { changesOf, draftOf } from './draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { ShownOnce } from './shown-once.tsx';
import { TestButton } from './test-button.tsx';

interface Of {
  endpoint: Endpoint;
  reload: () => Promise<void>;
}

/** Everything that can be done to an endpoint. A change is refused if somebody else has changed it meanwhile. */
export function EndpointCommands({ endpoint, reload }: Of) {
  return (
    <>
      <TestButton endpoint={endpoint} reload={reload} />
      <PauseOrResume endpoint={endpoint} reload={reload} />
      <Recover endpoint={endpoint} reload={reload} />
      <Edit endpoint={endpoint} reload={reload} />
      <Rotate endpoint={endpoint} reload={reload} />
      <Remove endpoint={endpoint} />
    </>
  );
}

function guarded({ id, version }: Endpoint) {
  return { path: { endpoint: id }, header: { 'If-Match': `"${version}"` } };
}

function PauseOrResume({ endpoint, reload }: Of) {
  const { endpoints } = useWords();
  if (endpoint.state === 'enabled') {
    return (
      <CommandButton
        label={endpoints.pause}
        icon="pause"
        asksReason={false}
        what={endpoints.pauseWhat}
        done={endpoints.pauseDone}
        reload={reload}
        act={() => answerOf(api.POST('/endpoints/{endpoint}/pause', { params: guarded(endpoint), body: {} }))}
      />
    );
  }
  return (
    <CommandButton
      label={endpoints.resume}
      icon="play"
      kind="primary"
      asksReason={false}
      what={endpoints.resumeWhat}
      done={endpoints.resumeDone}
      reload={reload}
      act={() => answerOf(api.POST('/endpoints/{endpoint}/resume', { params: guarded(endpoint), body: {} }))}
    />
  );
}

type What = 'failed' | 'missing' | 'all';

function Recover({ endpoint, reload }: Of) {
  const { endpoints } = useWords();
  const [what, setWhat] = useState<What>('failed');
  const [since, setSince] = useState('');
  const [count, setCount] = useState<number | null>(null);
  const [, go] = useLocation();

  function bodyOf(reason: string, dryRun: boolean) {
    const sinceAt = since === '' ? {} : { since: new Date(since).toISOString() };
    const states = what === 'all' ? { states: ['exhausted', 'refused', 'delivered'] as const } : {};
    return {
      ...{ endpoint: endpoint.id, reason, dryRun, missing: what === 'missing', ...sinceAt },
      ...(states.states && { states: [...states.states] }),
    };
  }

  return (
    <CommandButton
      label={endpoints.recover}
      icon="retry"
      what={endpoints.recoverWhat}
      done={endpoints.recoverNone}
      reload={reload}
      act={async (reason) => {
        const { id, total } = await answerOf(api.POST('/replays', { body: bodyOf(reason, false) }));
        if (id !== null) go(replayLink(id));
        return total === 0 ? endpoints.recoverNone : endpoints.recoverDone(total);
      }}
    >
      <Field label={endpoints.recoverWhich}>
        {(field) => (
          <select
            {...field}
            value={what}
            onChange={(event) => {
              setWhat(event.currentTarget.value as What); // It has no others.
              setCount(null);
            }}
          >
            <option value="failed">{endpoints.recoverFailed}</option>
            <option value="missing">{endpoints.recoverMissing}</option>
            <option value="all">{endpoints.recoverAll}</option>
          </select>
        )}
      </Field>
      <Field label={endpoints.recoverSince} isOptional>
        {(field) => (
          <input
            {...field}
            type="datetime-local"
            value={since}
            onInput={(event) => {
              setSince(event.currentTarget.value);
              setCount(null);
            }}
          />
        )}
      </Field>
      <div class="row">
        <Button
          onClick={() =>
            void answerOf(api.POST('/replays', { body: bodyOf('count', true) })).then(
              ({ total }) => setCount(total),
              (error: unknown) => toast('bad', error instanceof Error ? error.message : String(error)),
            )
          }
        >
          {endpoints.recoverCount}
        </Button>
        <span role="status">{count !== null && endpoints.recoverCounted(count)}</span>
      </div>
    </CommandButton>
  );
}

type Changes = NonNullable<paths['/endpoints/{endpoint}']['patch']['requestBody']>['content']['application/json'];

function Edit({ endpoint, reload }: Of) {
  const { endpoints, parts } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const isAllowed = may('admin');
  return (
    <>
      <Button
        icon="edit"
        disabled={!isAllowed}
        title={isAllowed ? undefined : parts.needsRole(parts.roles.admin)}
        onClick={() => setOpen(true)}
      >
        {endpoints.edit}
      </Button>
      <Dialog title={endpoints.edit} isOpen={isOpen} onClose={() => setOpen(false)}>
        <EndpointForm
          isNew={false}
          initial={draftOf(endpoint)}
          onCancel={() => setOpen(false)}
          save={async (draft) => {
            const body = changesOf(draft, draftOf(endpoint)) as Changes;
            const changed = await answerOf(api.PATCH('/endpoints/{endpoint}', { params: guarded(endpoint), body }));
            setOpen(false);
            toast('ok', endpoints.saved);
            setSecret(changed.secret);
            await reload();
          }}
        />
      </Dialog>
      <ShownOnce secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function Rotate({ endpoint, reload }: Of) {
  const { endpoints } = useWords();
  const [overlap, setOverlap] = useState('24h');
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <>
      <CommandButton
        label={endpoints.rotate}
        icon="key"
        needs="admin"
        asksReason={false}
        what={endpoints.rotateWhat}
        done={endpoints.rotateDone}
        reload={reload}
        act={async () => {
          const body = { overlap };
          const rotated = await answerOf(api.POST('/endpoints/{endpoint}/rotate', { params: guarded(endpoint), body }));
          setSecret(rotated.secret);
        }}
      >
        <Field label={endpoints.overlap} hint={endpoints.overlapHint}>
          {(field) => (
            <input
              {...field}
              required
              maxLength={20}
              value={overlap}
              onInput={(event) => setOverlap(event.currentTarget.value)}
            />
          )}
        </Field>
      </CommandButton>
      <ShownOnce secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function Remove({ endpoint }: Pick<Of, 'endpoint'>) {
  const { endpoints } = useWords();
  const [, go] = useLocation();
  return (
    <CommandButton
      label={endpoints.remove}
      kind="danger"
      needs="admin"
      asksReason={false}
      what={endpoints.removeWhat}
      done={endpoints.removeDone}
      act={async () => {
        await answerOf(api.DELETE('/endpoints/{endpoint}', { params: guarded(endpoint) }));
        go('/endpoints');
      }}
    />
  );
}
