import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** What may change behind a page's back. */
export type ChangeKind = 'events' | 'runs' | 'deliveries' | 'approvals' | 'status';

/** Whether changes are told as they happen. `off` while nothing listens. */
export const liveState = signal<'off' | 'connecting' | 'live' | 'lost'>('off');

const kinds: readonly ChangeKind[] = ['events', 'runs', 'deliveries', 'approvals', 'status'];
/** Changes come in bursts. */
const atMostEveryMs = 700;
const listeners = new Set<{ kinds: readonly ChangeKind[]; tell: () => void }>();
let stream: EventSource | null = null;

/** Calls `reload` soon after something of these kinds has changed, at most about once a second, and once when a lost connection is back. */
export function useLive(wanted: readonly ChangeKind[], reload: () => unknown): void {
  const latest = useRef(reload);
  latest.current = reload;
  const key = wanted.join();
  useEffect(() => {
    const tell = calm(() => latest.current());
    return listen({ kinds: key.split(',') as ChangeKind[], tell });
  }, [key]);
}

function listen(listener: { kinds: readonly ChangeKind[]; tell: () => void }): () => void {
  listeners.add(listener);
  stream ??= open();
  return () => {
    listeners.delete(listener);
    // The next page opens it again at once if it needs it.
    queueMicrotask(() => {
      if (listeners.size > 0 || stream === null) return;
      stream.close();
      stream = null;
      liveState.value = 'off';
    });
  };
}

function open(): EventSource {
  const source = new EventSource('/api/v1/changes');
  liveState.value = 'connecting';
  source.addEventListener('open', () => {
    const wasLost = liveState.value === 'lost';
    liveState.value = 'live';
    if (wasLost) for (const { tell } of listeners) tell();
  });
  source.addEventListener('error', () => (liveState.value = 'lost'));
  for (const kind of kinds) source.addEventListener(kind, () => tellAbout(kind));
  return source;
}

function tellAbout(kind: ChangeKind): void {
  for (const listener of listeners) if (listener.kinds.includes(kind)) listener.tell();
}

/** Calls at once, and of what comes soon after that only the last. */
function calm(act: () => unknown): () => void {
  let waits = false;
  let lastAt = -Infinity;
  return () => {
    if (waits) return;
    waits = true;
    setTimeout(
      () => {
        waits = false;
        lastAt = performance.now();
        void act();
      },
      Math.max(0, lastAt + atMostEveryMs - performance.now()),
    );
  };
}
