import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { followChanges } from './live/live-link.ts';
import type { ChangeKind, LiveState, Told } from './live/live-stream.ts';
import { isPortal } from './portal.ts';

/** Whether changes are told as they happen. `off` while nothing listens. */
export const liveState = signal<LiveState>('off');

/** Changes come in bursts. */
const atMostEveryMs = 700;
/** The stream of changes is not for tenants. */
const portalPollMs = 15_000;
const listeners = new Set<{ kinds: readonly ChangeKind[]; tell: () => void }>();
let close: (() => void) | null = null;

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

/** Calls `reload` again and again while `isWanted` and the page is looked at: for what happens without being told. */
export function usePoll(everyMs: number, isWanted: boolean, reload: () => unknown): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => (isWanted ? pollEvery(everyMs, () => latest.current()) : undefined), [everyMs, isWanted]);
}

/** Calls `tell` again and again while the page can be seen and no dialog is open. Returns what ends it. */
function pollEvery(everyMs: number, tell: () => unknown): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && !isInDialog()) void tell();
  }, everyMs);
  return () => clearInterval(timer);
}

/** Nothing changes behind a dialog: what it is about might go, and what was typed with it. */
function isInDialog(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

function listen(listener: { kinds: readonly ChangeKind[]; tell: () => void }): () => void {
  listeners.add(listener);
  close ??= followChanges(take);
  return () => {
    listeners.delete(listener);
    // The next page opens it again at once if it needs it.
    queueMicrotask(() => {
      if (listeners.size > 0 || close === null) return;
      close();
      close = null;
      liveState.value = 'off';
    });
  };
}

function take(told: Told): void {
  if ('state' in told) {
    liveState.value = told.state;
    return;
  }
  const { changed } = told;
  for (const { kinds, tell } of listeners) if (changed === 'anything' || kinds.includes(changed)) tell();
}

/** Calls at once, and of what comes soon after that only the last. What takes long is finished before it is called again. */
function calm(act: () => unknown): () => void {
  let state: 'idle' | 'waiting' | 'acting' = 'idle';
  let told = 0;
  let lastAt = -Infinity;

  function tell(): void {
    told += 1;
    if (state !== 'idle') return;
    state = 'waiting';
    setTimeout(() => void start(), Math.max(0, lastAt + atMostEveryMs - performance.now()));
  }

  async function start(): Promise<void> {
    if (isInDialog()) {
      setTimeout(() => void start(), atMostEveryMs);
      return;
    }
    state = 'acting';
    const toldBefore = told;
    lastAt = performance.now();
    try {
      await act();
    } finally {
      state = 'idle';
      if (told > toldBefore) tell();
    }
  }

  return tell;
}
