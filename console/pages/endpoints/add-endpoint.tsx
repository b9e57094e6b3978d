import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { api, answerOf } from '../../app/api.ts';
import { endpointLink } from '../../app/links.ts';
import { may } from '../../app/session.ts';
import type { paths } from '../../../cli/api-types.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useWords } from '../../words/words.ts';
import { emptyDraft, requestOf } from './draft.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { ShownOnce } from './shown-once.tsx';

type NewEndpoint = paths['/endpoints']['post']['requestBody']['content']['application/json'];

/** The button and the form to subscribe a URL. Its secret is shown before its page. */
export function AddEndpoint({ onAdded }: { onAdded: () => unknown }) {
  const { endpoints, parts } = useWords();
  const [, go] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [added, setAdded] = useState<{ id: string; secret: string | null } | null>(null);
  const isAllowed = may('admin');
  const finish = (id: string) => {
    setAdded(null);
    onAdded();
    go(endpointLink(id));
  };
  return (
    <>
      <Button
        kind="primary"
        icon="plus"
        disabled={!isAllowed}
        title={isAllowed ? undefined : parts.needsRole(parts.roles.admin)}
        onClick={() => setOpen(true)}
      >
        {endpoints.add}
      </Button>
      <Dialog title={endpoints.add} isOpen={isOpen} onClose={() => setOpen(false)}>
        <EndpointForm
          isNew
          initial={emptyDraft}
          onCancel={() => setOpen(false)}
          save={async (draft) => {
            // The server checks it: its findings are shown as they are.
            const body = requestOf(draft) as NewEndpoint;
            const { id, secret } = await answerOf(api.POST('/endpoints', { body }));
            setOpen(false);
            if (secret === null) finish(id);
            else setAdded({ id, secret });
          }}
        />
      </Dialog>
      <ShownOnce secret={added?.secret ?? null} onClose={() => added !== null && finish(added.id)} />
    </>
  );
}
