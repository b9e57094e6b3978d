import type { Logger } from 'pino';
import type { CanonicalEvent } from '../language/event.ts';
import type { Backlog, ClaimedEvent } from './backlog.ts';
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

/** Events held in memory at most, give or take one commit group; the inbox holds the others. */
const queueLimit = 1_000;
/** A pause that grows while Temporal is away. */
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Events come from the receiver right after their commit; polling every `pollMs` finds what is left: claims that a crashed
 * process held, events given back, arrivals past the queue's limit. At most `concurrency` events are with Temporal at once.
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
      await deps.backlog.finish(claimed, outcome);
    } catch (error) {
      // The claim runs out and somebody tries again; a start that happened is recognised then.
      deps.log.error({ err: error, source: claimed.event.source, event: claimed.event.id }, 'dispatch interrupted');
    }
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
    if (stopped || isPaused() || polling !== undefined || queue.length >= deps.concurrency) return;
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

  function isPaused(): boolean {
    return stopped || performance.now() < pausedUntil;
  }

  return {
    hasRoom: () => !isPaused() && queue.length < queueLimit,
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
      await deps.backlog.giveBack(queue.splice(0));
    },
  };
}
