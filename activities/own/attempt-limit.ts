import type { CurrentAttempt } from '../http-request.ts';
import { activityFailure } from '../failure-types.ts';

/** The bounds of one attempt of an activity. */
export interface AttemptLimit {
  /** Aborted by the time limit, a missed heartbeat, a cancellation or the end of the worker. */
  signal: AbortSignal;
  heartbeat(): void;
  leftMs(): number;
  /** Rejects once the attempt must not go on, whatever its code does. It awaits an effect under way if only the run is canceled. */
  race<Value>(work: Promise<Value>): Promise<Value>;
  /** Frees the timers, and aborts the signal for code that still runs. */
  end(): void;
}

/** `heartbeatMs`: the longest pause between two heartbeats; undefined if there is none. */
export function limitAttempt(
  name: string,
  { timeoutMs, canceled, stopping }: Pick<CurrentAttempt, 'timeoutMs' | 'canceled' | 'stopping'>,
  heartbeatMs: number | undefined,
): AttemptLimit {
  const ended = new AbortController();
  const startedAt = performance.now();
  let reject: (error: unknown) => void = () => undefined;
  const over = new Promise<never>((_resolve, rejectOver) => (reject = rejectOver));
  over.catch(() => undefined); // Nobody may be waiting any more.
  const stop = (error: unknown) => {
    reject(error);
    ended.abort(error);
  };
  const timer = setTimeout(
    () => stop(activityFailure('TimedOut', `${name}: not finished after ${timeoutMs} ms`)),
    timeoutMs,
  );
  let watchdog: NodeJS.Timeout | undefined;
  const heartbeat = () => {
    clearTimeout(watchdog);
    if (heartbeatMs === undefined || ended.signal.aborted) return;
    watchdog = setTimeout(
      () => stop(activityFailure('TimedOut', `${name}: no heartbeat for ${heartbeatMs} ms`)),
      heartbeatMs,
    );
  };
  heartbeat();
  const onCanceled = () => ended.abort(canceled.reason);
  const onStopping = () => stop(activityFailure('ActivityFailed', `${name}: the worker stopped meanwhile`));
  listen(canceled, onCanceled);
  listen(stopping, onStopping);
  return {
    signal: ended.signal,
    heartbeat,
    leftMs: () => Math.ceil(timeoutMs - (performance.now() - startedAt)),
    race: (work) => Promise.race([work, over]),
    end() {
      clearTimeout(timer);
      clearTimeout(watchdog);
      canceled.removeEventListener('abort', onCanceled);
      stopping.removeEventListener('abort', onStopping);
      ended.abort(new Error('The attempt is over'));
    },
  };
}

function listen(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
