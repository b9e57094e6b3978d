import type { Logger } from 'pino';
import type { CanonicalEvent } from '../language/event.ts';
import type { Backlog, ClaimedEvent, Finished } from './backlog.ts';
import type { DispatchOutcome } from './dispatch-event.ts';

/** Hands stored events to Temporal. */
export interface Dispatcher {
  /** Whether there is room for one more event now. If not, events wait in the inbox until polling finds them. */
  hasRoom(): boolean;
  /** Takes an event that this process has just stored and claimed. */
  accept(rowId: number, event: CanonicalEvent): void;
  start(): void;
  /** Polls the inbox now. */
  wake(): void;
  /** Takes no more events, finishes those under way and gives the rest back to the inbox. */
  stop(): Promise<void>;
}

/** The most events in memory, queued or being recorded. One commit group may exceed it. The others wait in the inbox. */
const queueLimit = 1_000;
/** The pause doubles while Temporal is unavailable. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * The receiver hands over events right after their commit. Polling every `pollMs` finds the others: events that a crashed
 * process had claimed, events that were given back, and events past the queue's limit. At most `concurrency` events are with
 * Temporal at once. Their outcomes are recorded outside that limit, so that more of them share a commit.
 * While Temporal is unavailable, the dispatcher gives its queue back to the inbox and tries again after a pause.
 */
export function createDispatcher(deps: {
  backlog: Backlog;
  dispatch: (event: CanonicalEvent) => Promise<DispatchOutcome>;
  concurrency: number;
  pollMs: number;
  log: Logger;
}): Dispatcher {
  const queue: ClaimedEvent[] = [];
  const busy = new Set<Promise<void>>();
  const recording = new Set<Promise<void>>();
  let poll: NodeJS.Timeout | undefined;
  let polling: Promise<void> | undefined;
  let stopped = false;
  let pausedUntil = 0;
  let pauseMs = firstPauseMs;
  /** Whether the last batch was full, so that the inbox may hold more. */
  let more = false;

  function pump(): void {
    while (!isPaused() && busy.size < deps.concurrency) {
      const next = queue.shift();
      if (next === undefined) break;
      const work = dispatchOne(next).finally(() => {
        busy.delete(work);
        pump();
      });
      busy.add(work);
    }
    if (queue.length === 0 && busy.size < deps.concurrency) refill();
  }

  async function dispatchOne(claimed: ClaimedEvent): Promise<void> {
    try {
      const outcome = await deps.dispatch(claimed.event);
      if (outcome.kind === 'outage') return await pause(claimed, outcome.reason);
      pauseMs = firstPauseMs;
      const work = record(claimed, outcome).finally(() => {
        recording.delete(work);
        pump();
      });
      recording.add(work);
    } catch (error) {
      reportInterrupted(claimed, error);
    }
  }

  async function record(claimed: ClaimedEvent, outcome: Finished): Promise<void> {
    try {
      await deps.backlog.finish(claimed, outcome);
    } catch (error) {
      reportInterrupted(claimed, error);
    }
  }

  /** When the claim expires, some process tries again. Runs that were started are then recognized as duplicates. */
  function reportInterrupted({ event }: ClaimedEvent, error: unknown): void {
    deps.log.error({ err: error, source: event.source, event: event.id }, 'dispatch interrupted, will retry');
  }

  async function pause(claimed: ClaimedEvent, reason: string): Promise<void> {
    if (!isPaused()) {
      deps.log.warn({ reason, pauseMs }, 'Temporal is unavailable; events wait in the inbox');
      pausedUntil = performance.now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    await deps.backlog.giveBack([claimed, ...queue.splice(0)]);
  }

  /** Polls again at once as long as the inbox returns full batches. */
  function refill(): void {
    if (more) pollNow();
  }

  function pollNow(): void {
    if (isPaused() || polling !== undefined || queue.length >= deps.concurrency || !hasRoom()) return;
    const wanted = Math.max(deps.concurrency * 4, 64);
    polling = deps.backlog
      .claim(wanted)
      .then((claimed) => {
        more = claimed.length === wanted;
        queue.push(...claimed);
      })
      .catch((error: unknown) => {
        more = false;
        deps.log.warn({ err: error }, 'reading the inbox failed, will retry');
      })
      .finally(() => {
        polling = undefined;
        pump();
      });
  }

  function hasRoom(): boolean {
    return !isPaused() && queue.length + recording.size < queueLimit;
  }

  function isPaused(): boolean {
    return stopped || performance.now() < pausedUntil;
  }

  return {
    hasRoom,
    accept(rowId, event) {
      queue.push({ rowId, event });
      pump();
    },
    start() {
      poll = setInterval(pollNow, deps.pollMs);
      pollNow();
    },
    wake: pollNow,
    async stop() {
      stopped = true;
      clearInterval(poll);
      await polling;
      await Promise.all(busy);
      await Promise.all(recording);
      await deps.backlog.giveBack(queue.splice(0));
    },
  };
}
