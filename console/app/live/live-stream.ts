/** What may change behind a page's back. */
export type ChangeKind = 'events' | 'runs' | 'deliveries' | 'approvals' | 'status';

/** Whether changes are told as they happen. `off` while nothing listens. */
export type LiveState = 'off' | 'connecting' | 'live' | 'lost';

/** What a stream of changes tells. */
export type Told = { state: LiveState } | { changed: ChangeKind | 'anything' };

const kinds: readonly ChangeKind[] = ['events', 'runs', 'deliveries', 'approvals', 'status'];
/** While changes are not told. */
const retryMs = 5_000;

/**
 * Follows the changes that Kait tells. If the connection breaks, the browser goes on after the last change by itself. Until it is back, says every few seconds
 * that anything may have changed. Returns what ends it.
 */
export function openLiveStream(tell: (told: Told) => void): () => void {
  let source = open();
  let isLost = false;
  tell({ state: 'connecting' });
  const timer = setInterval(() => {
    if (!isLost) return;
    tell({ changed: 'anything' });
    // It was refused: nobody is logged in, or there are too many viewers.
    if (source.readyState === EventSource.CLOSED) source = open();
  }, retryMs);

  function open(): EventSource {
    const opened = new EventSource('/api/v1/changes');
    opened.addEventListener('open', () => {
      const wasLost = isLost;
      isLost = false;
      tell({ state: 'live' });
      if (wasLost) tell({ changed: 'anything' });
    });
    opened.addEventListener('error', () => {
      if (opened !== source) return;
      isLost = true;
      tell({ state: 'lost' });
    });
    for (const kind of kinds) opened.addEventListener(kind, () => tell({ changed: kind }));
    return opened;
  }

  return () => {
    clearInterval(timer);
    source.close();
  };
}
