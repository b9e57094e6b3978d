import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { isPortal } from './portal.ts';

/** What may change behind a page's back. */
export type ChangeKind = 'events' | 'runs' | 'deliveries' | 'approvals' | 'status';

/** Whether changes are told as they happen. `off` while nothing listens. */
export const liveState = signal<'off' | 'connecting' | 'live' | 'lost'>('off');

const kinds: readonly ChangeKind[] = ['events', 'runs', 'deliveries', 'approvals', 'status'];
/** Changes come in bursts. */
const atMostEveryMs = 700;
/** While changes are not told. */
const pollMs = 5_000;
/** The stream of changes is not for tenants. */
const portalPollMs = 15_000;
const listeners = new Set<{ kinds: readonly ChangeKind[]; tell: () => void }>();
let stream: EventSource | null = null;
let poll: ReturnType<typeof setInterval> | null = null;

/** Calls `reload` soon after something of these kinds has changed, at most about once a second, and once when a lost connection is back. */
export function useLive(wanted: readonly ChangeKind[], reload: () => unknown): void {
  const latest = useRef(reload);
  latest.current = reload;
  const key = wanted.join();
  useEffect(() => {
    if (isPortal()) return pollEvery(portalPollMs, () => latest.current());
    const tell = calm(() => latest.current());
    return listen({ kinds: key.split(',') as ChangeKind[], tell });
  }, [key]);
}

function pollEvery(everyMs: number, tell: () => unknown): () => void {
  const timer = setInterval(() => document.visibilityState === 'visible' && void tell(), everyMs);
  return () => clearInterval(timer);
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
      if (poll !== null) clearInterval(poll);
      poll = null;
      liveState.value = 'off';
    });
  };
}

function open(state: 'connecting' | 'lost' = 'connecting'): EventSource {
  const source = new EventSource('/api/v1/changes');
  liveState.value = state;
  source.addEventListener('open', () => {
    const wasLost = liveState.value === 'lost';
    liveState.value = 'live';
    if (wasLost) tellAll();
  });
  source.addEventListener('error', () => lose(source));
  for (const kind of kinds) source.addEventListener(kind, () => tellAbout(kind));
  return source;
}

/** Until the connection is back, everything is asked for again every few seconds. */
function lose(source: EventSource): void {
  if (source !== stream) return;
  liveState.value = 'lost';
  poll ??= setInterval(() => {
    if (liveState.value !== 'lost') return;
    tellAll();
    // The browser tries again by itself unless it was refused.
    if (stream?.readyState === EventSource.CLOSED) stream = open('lost');
  }, pollMs);
}

function tellAll(): void {
  for (const { tell } of listeners) tell();
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
