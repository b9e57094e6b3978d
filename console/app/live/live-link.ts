import { openLiveStream, type Told } from './live-stream.ts';

/** Begins to follow changes: with all other tabs of the browser, if it has shared workers. Returns what ends it. */
export function followChanges(tell: (told: Told) => void): () => void {
  return followShared(tell) ?? openLiveStream(tell);
}

/** Null: this browser has no shared workers. */
function followShared(tell: (told: Told) => void): (() => void) | null {
  const worker = startWorker();
  if (worker === null) return null;
  const { port } = worker;
  let closeOwn: (() => void) | null = null;
  const follow = () => port.postMessage('follow');
  // A page that is left or frozen takes nothing, and the worker does not notice.
  const leave = () => port.postMessage('leave');
  port.addEventListener('message', ({ data }: MessageEvent<Told>) => tell(data));
  // It could not be loaded.
  worker.addEventListener('error', () => (closeOwn ??= openLiveStream(tell)), { once: true });
  port.start();
  follow();
  window.addEventListener('pageshow', onShow);
  window.addEventListener('pagehide', leave);

  function onShow({ persisted }: PageTransitionEvent): void {
    if (persisted) follow();
  }

  return () => {
    window.removeEventListener('pageshow', onShow);
    window.removeEventListener('pagehide', leave);
    leave();
    port.close();
    closeOwn?.();
  };
}

function startWorker(): SharedWorker | null {
  if (typeof SharedWorker === 'undefined') return null;
  try {
    return new SharedWorker(new URL('./live-worker.ts', import.meta.url), { type: 'module', name: 'kait-live' });
  } catch {
    return null; // Not allowed here.
  }
}
