import type { Logger } from 'pino';
import type { CanonicalEvent } from '../language/event.ts';
import type { Backlog, ClaimedEvent, Finished } from './backlog.ts';
import type { DispatchOutcome } from './dispatch-event.ts';

/** Hands stored events to Temporal. */
export interface Dispatcher {
  /** Whether it takes one more event right now. Past that, events wait in the inbox until polling finds them. */
  hasRoom(): boolean;
  /** Takes an event that this process has just stored under a claim. */
  accept(rowId: number, event: CanonicalEvent): void;
  start(): void;
  /** Looks into the inbox now instead of at the next poll. */
  wake(): void;
  /** Stops taking events, finishes those under way, gives the rest back to the inbox. */
  stop(): Promise<void>;
}

/** Events held in memory at most, queued or being recorded, give or take one commit group; the inbox holds the others. */
const queueLimit = 1_000;
/** A pause that grows while Temporal is away. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Events come from the receiver right after their commit; polling every `pollMs` finds what is left: claims that a crashed
 * process held, events given back, arrivals past the queue's limit. At most `concurrency` events are with Temporal at once; what became of them is recorded beside that,
 * in groups that would otherwise be no larger.
 * While Temporal is away the dispatcher empties its queue into the inbox, and tries again after a pause.
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

  /** The claim runs out and somebody tries again; a start that happened is recognised then. */
  function reportInterrupted({ event }: ClaimedEvent, error: unknown): void {
    deps.log.error({ err: error, source: event.source, event: event.id }, 'dispatch interrupted');
  }

  async function pause(claimed: ClaimedEvent, reason: string): Promise<void> {
    if (!isPaused()) {
      deps.log.warn({ reason, pauseMs }, 'Temporal does not take runs; events wait in the inbox');
      pausedUntil = performance.now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    await deps.backlog.giveBack([claimed, ...queue.splice(0)]);
  }

  /** Asks the inbox for more, one request at a time; again at once while it gives full batches. */
  let more = false;
  function refill(): void {
    if (!more || polling !== undefined) return;
    pollNow();
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
        deps.log.warn({ err: error }, 'the inbox cannot be read');
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
