import { errorText } from '../describe-error.ts';
import type { Logger } from 'pino';
import type { CanonicalEvent } from '../language/event.ts';
import type { Backlog, Finished } from './backlog.ts';
import type { DispatchOutcome, EventHistory } from './dispatch-event.ts';
import { createDispatchQueue } from './dispatch-queue.ts';
import type { ClaimedEvent } from './read-claimed.ts';
import { createStartJudge } from '../storage/start-verdict.ts';

/** Hands stored events to Temporal. */
export interface Dispatcher {
  /** Whether there is room for one more event now. If not, events wait in the inbox until polling finds them. */
  hasRoom(): boolean;
  /** Takes an event that this process has just stored and claimed. `bytes`, `unawaited`: see {@link ClaimedEvent}. */
  accept(rowId: number, event: CanonicalEvent, bytes: number, unawaited?: boolean): void;
  start(): void;
  /** Polls the inbox now. */
  wake(): void;
  /** Takes no more events, finishes those under way and gives the rest back to the inbox. */
  stop(): Promise<void>;
}

/** The most events in memory, queued or being recorded. One commit group may exceed it. The others wait in the inbox. */
const queueLimit = 1_000;
/** Events of the first tries after a pause. */
const probeSize = 16;
/** The pause doubles while Temporal is unavailable, up to the first limit if it seems to be away, to the second if it answers. */
const firstPauseMs = 250;
const longestPauseMs = { away: 5_000, answering: 1_000 };

/**
 * The receiver hands over events right after their commit. Polling every `pollMs` finds the others: events that a crashed
 * process had claimed, events that were given back, and events past the queue's limits. At most `concurrency` events are with
 * Temporal at once, and few large ones of them. Their outcomes are recorded outside that limit, so that more of them share a commit.
 * An event whose start fails for a reason that nobody foresaw is set aside for a while; if others start meanwhile, it counts as refused
 * in the end. Only if many different events fail and none starts, Temporal is unavailable: the dispatcher then gives its queue back to the
 * inbox and tries again after a pause, with the oldest events and with some others, because the oldest may be the ones that fail.
 */
export function createDispatcher(deps: {
  backlog: Backlog;
  dispatch: (event: CanonicalEvent, history: EventHistory) => Promise<DispatchOutcome>;
  concurrency: number;
  pollMs: number;
  log: Logger;
}): Dispatcher {
  const queue = createDispatchQueue();
  const busy = new Set<Promise<void>>();
  const recording = new Set<Promise<void>>();
  let poll: NodeJS.Timeout | undefined;
  let polling: Promise<void> | undefined;
  let stopped = false;
  let pausedUntil = 0;
  let pauseMs = firstPauseMs;
  /** Whether no start has succeeded since the last pause. */
  let probing = false;
  const judge = createStartJudge<number>();
  /** Whether the last batch was full, so that the inbox may hold more. */
  let more = false;

  function pump(): void {
    while (!isPaused() && busy.size < deps.concurrency) {
      const next = queue.take();
      if (next === undefined) return refill();
      const work = dispatchOne(next).finally(() => {
        queue.done(next);
        busy.delete(work);
        pump();
      });
      busy.add(work);
    }
  }

  async function dispatchOne(claimed: ClaimedEvent): Promise<void> {
    const outcome = await outcomeOf(claimed);
    if (outcome === null) return;
    if (outcome.kind === 'unstarted') return afterFailure(claimed, outcome);
    judge.forget(claimed.rowId);
    if (reachedTemporal(outcome)) proved();
    keepRecord(claimed, outcome);
  }

  /** Null if the database did not take the record of a start that was about to happen, which says nothing of the event. */
  async function outcomeOf(claimed: ClaimedEvent): Promise<DispatchOutcome | null> {
    const { rowId, event, runs: known, doubtfulSince, unawaited = false } = claimed;
    const record = { failed: false };
    const begin = () =>
      deps.backlog.begin(claimed).catch((error: unknown) => {
        record.failed = true;
        throw error;
      });
    try {
      return await deps.dispatch(event, { rowId, known, doubtfulSince, unawaited, begin });
    } catch (error) {
      if (record.failed) {
        report(claimed, error, 'dispatch interrupted, will retry');
        return null;
      }
      report(claimed, error, 'dispatch failed, will retry');
      const reason = errorText(error);
      return { kind: 'unstarted', runs: [], reason, temporalSeemsDown: false };
    }
  }

  function proved(): void {
    judge.succeeded();
    pauseMs = firstPauseMs;
    probing = false;
  }

  async function afterFailure(claimed: ClaimedEvent, outcome: Unstarted): Promise<void> {
    const { reason, runs } = outcome;
    if (runs.length > 0) proved(); // Another run of the same event did start.
    const verdict = judge.failed(claimed.rowId, outcome);
    if (verdict.kind === 'blamed') {
      keepRecord(claimed, { kind: 'refused', runs, reason });
      return;
    }
    if (!probing) {
      const { source, id } = claimed.event;
      deps.log.warn({ source, event: id, reason, retryAfterMs: verdict.retryAfterMs }, 'event not started, will retry');
    }
    try {
      await deps.backlog.suspend(claimed, { reason, runs, forMs: verdict.retryAfterMs });
      if (judge.isOutage() && !isPaused()) await pause(outcome);
    } catch (error) {
      report(claimed, error, 'dispatch interrupted, will retry');
    }
  }

  /** Nobody needs the event's data for that. */
  function keepRecord(claimed: ClaimedEvent, outcome: Finished): void {
    const work = record({ ...claimed, event: { ...claimed.event, data: null } }, outcome).finally(() => {
      recording.delete(work);
      pump();
    });
    recording.add(work);
  }

  async function record(claimed: ClaimedEvent, outcome: Finished): Promise<void> {
    try {
      await deps.backlog.finish(claimed, outcome);
    } catch (error) {
      report(claimed, error, 'dispatch interrupted, will retry');
    }
  }

  /** When the claim expires, some process tries again. Runs that were started are then recognized as duplicates. */
  function report({ event }: ClaimedEvent, error: unknown, what: string): void {
    deps.log.error({ err: error, source: event.source, event: event.id }, what);
  }

  async function pause({ reason, temporalSeemsDown }: Unstarted): Promise<void> {
    deps.log.warn({ reason, pauseMs }, 'Temporal is unavailable; events wait in the inbox');
    pausedUntil = performance.now() + pauseMs;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs[temporalSeemsDown ? 'away' : 'answering']);
    probing = true;
    await deps.backlog.giveBack(queue.drain());
  }

  /** Polls again at once as long as the inbox returns full batches. */
  function refill(): void {
    if (more) pollNow();
  }

  function pollNow(): void {
    if (isPaused() || polling !== undefined || queue.length() >= deps.concurrency || !hasRoom()) return;
    const count = probing ? probeSize : Math.max(deps.concurrency * 4, 64);
    polling = deps.backlog
      .claim({ count, spread: probing })
      .then((batch) => {
        more = batch.more;
        if (isPaused()) return deps.backlog.giveBack(batch.events); // The pause began meanwhile, and emptied the queue.
        queue.push(...batch.events);
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

  /** Events may have come into the queue during a pause. */
  function look(): void {
    pump();
    pollNow();
  }

  function hasRoom(): boolean {
    return !isPaused() && queue.length() + recording.size < queueLimit && queue.hasRoom();
  }

  function isPaused(): boolean {
    if (stopped || performance.now() < pausedUntil) return true;
    if (pausedUntil > 0) judge.newRound();
    pausedUntil = 0;
    return false;
  }

  return {
    hasRoom,
    accept(rowId, event, bytes, unawaited) {
      queue.push({ rowId, event, bytes, runs: [], doubtfulSince: null, startLeft: false, unawaited });
      pump();
    },
    start() {
      poll = setInterval(look, deps.pollMs);
      look();
    },
    wake: look,
    async stop() {
      stopped = true;
      clearInterval(poll);
      await polling;
      await Promise.all(busy);
      await Promise.all(recording);
      await deps.backlog.giveBack(queue.drain());
    },
  };
}

type Unstarted = Extract<DispatchOutcome, { kind: 'unstarted' }>;

/** Whether the outcome proves that Temporal starts runs. A refusal may be Kait's own, and for runs that are known nobody asked it. */
function reachedTemporal(outcome: Finished): boolean {
  return outcome.runs.length > 0 || (outcome.kind === 'done' && outcome.fetching === true);
}
