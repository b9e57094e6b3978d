import { useState } from 'preact/hooks';
import { api, answerOf } from '../../app/api.ts';
import { Link } from '../../app/link.tsx';
import { deliveryLink } from '../../app/links.ts';
import { may } from '../../app/session.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Note } from '../../parts/note.tsx';
import { deliveryTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { Waterfall } from '../deliveries/waterfall.tsx';
import type { Endpoint } from './condition.ts';

/** Sends one message now, and shows what the receiver answered. */
export function TestButton({ endpoint, reload }: { endpoint: Endpoint; reload: () => Promise<void> }) {
  const { endpoints, parts } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [outcome, setOutcome] = useState<Tested | Error | null>(null);
  const isAllowed = may('operator');
  const isEnabled = endpoint.state === 'enabled';

  async function send(): Promise<void> {
    setOutcome(null);
    setOpen(true);
    setOutcome(await sendTest(endpoint.id).catch((error: unknown) => error as Error));
    await reload();
  }

  return (
    <>
      <Button
        icon="endpoint"
        disabled={!isAllowed || !isEnabled}
        title={isAllowed ? (isEnabled ? undefined : endpoints.testNeedsEnabled) : parts.needsRole(parts.roles.operator)}
        onClick={() => void send()}
      >
        {endpoints.test}
      </Button>
      <Dialog title={endpoints.test} isOpen={isOpen} onClose={() => setOpen(false)}>
        {outcome === null && (
          <>
            <p>{endpoints.testUnderWay}</p>
            <Loading />
          </>
        )}
        {outcome instanceof Error && <Failure error={outcome} retry={send} />}
        {outcome !== null && !(outcome instanceof Error) && <Outcome outcome={outcome} />}
      </Dialog>
    </>
  );
}

type Tested = Awaited<ReturnType<typeof sendTest>>;

function Outcome({ outcome: { state, attempt, reason, delivery } }: { outcome: Tested }) {
  const { endpoints } = useWords();
  const { status = null, error = null, timings = null } = attempt ?? {};
  return (
    <>
      <p class="row">
        <Badge tone={deliveryTones[state]}>{endpoints.deliveryStates[state]}</Badge>
        {status !== null && <span class="mono">HTTP {status}</span>}
      </p>
      {attempt === null && <Note tone="warn" title={reason ?? endpoints.testNotSent} />}
      {error !== null && <Note tone="bad" title={error} />}
      {timings !== null && <Waterfall timings={timings} />}
      <p>
        <Link href={deliveryLink(delivery)}>{endpoints.testDetails}</Link>
      </p>
    </>
  );
}

function sendTest(endpoint: string) {
  return answerOf(api.POST('/endpoints/{endpoint}/test', { params: { path: { endpoint } }, body: {} }));
}
