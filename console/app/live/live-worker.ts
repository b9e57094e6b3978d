import { type LiveState, openLiveStream, type Told } from './live-stream.ts';

/*
 * One stream of changes for all tabs of a browser, as a shared worker: by HTTP/1.1, a browser opens six connections to a host, and each stream
 * takes one for as long as it lasts.
 */

const followers = new Set<MessagePort>();
let close: (() => void) | null = null;
let state: LiveState = 'off';

self.addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  port.addEventListener('message', ({ data }: MessageEvent<'follow' | 'leave'>) =>
    data === 'follow' ? follow(port) : leave(port),
  );
  // Newer browsers say so when a tab has ended without a word.
  port.addEventListener('close', () => leave(port));
  port.start();
});

function follow(port: MessagePort): void {
  followers.add(port);
  if (close === null) {
    close = openLiveStream(tellAll);
    return;
  }
  // What changed since this tab has asked may have been told already.
  tell(port, { state });
  tell(port, { changed: 'anything' });
}

function leave(port: MessagePort): void {
  followers.delete(port);
  if (followers.size > 0 || close === null) return;
  close();
  close = null;
  state = 'off';
}

function tellAll(told: Told): void {
  if ('state' in told) state = told.state;
  for (const port of followers) tell(port, told);
}

function tell(port: MessagePort, told: Told): void {
  port.postMessage(told);
}
