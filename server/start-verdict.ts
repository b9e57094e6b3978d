/** What to do about an event whose start failed without saying whose fault it is. */
export type StartVerdict =
  /** Nothing is known against the event. It is tried again after a pause, which costs it no attempt. */
  | { kind: 'suspended'; retryAfterMs: number }
  /** Other starts succeed while this one fails: the event is to blame. */
  | { kind: 'blamed' };

/** Judges failed starts by the starts of other events. */
export interface StartJudge {
  /** A start succeeded, or Temporal knew it already. */
  succeeded(): void;
  /** Nothing is left to start for the event. */
  forget(rowId: number): void;
  failed(rowId: number, failure: { temporalSeemsDown: boolean }): StartVerdict;
  /** Whether so many different events have failed since the last success that Temporal must be to blame. */
  isOutage(): boolean;
  /** Forgets who has failed since the last success, for the next round of tries. */
  newRound(): void;
}

/** This many different events, and no success between them, make an outage. Fewer are only set aside. */
const eventsOfAnOutage = 8;
/** The pause of a suspended event doubles. It is short, since Temporal may be back at any time. */
const firstPauseMs = 500;
const longestPauseMs = 5_000;
/** Events that are remembered. Beyond it the one that failed first is forgotten, and starts with a clean record. */
const mostSuspects = 10_000;
/** How often an event must fail between successes of others before it is blamed. An overloaded server fails some starts and not others. */
const failuresThatBlame = { unclear: 1, temporalSeemsDown: 3 };

interface Suspect {
  failures: number;
  /** Its failures since it was last blamed that came after a success of another event. */
  amidSuccesses: number;
  /** The number of successes when it last failed. */
  successesBefore: number;
}

/**
 * An error whose meaning is unknown is neither an outage nor a mistake of its event by itself. It is the event's own if the event fails,
 * others start, and it fails again. So an outage uses up no attempts, and no number of events that always fail can pass for one as
 * long as any other event starts.
 */
export function createStartJudge(): StartJudge {
  const suspects = new Map<number, Suspect>();
  const failedSinceSuccess = new Set<number>();
  let successes = 0;

  function suspectOf(rowId: number): Suspect {
    const known = suspects.get(rowId);
    if (known !== undefined) return known;
    const [oldest] = suspects.keys();
    if (oldest !== undefined && suspects.size >= mostSuspects) suspects.delete(oldest);
    const suspect = { failures: 0, amidSuccesses: 0, successesBefore: successes };
    suspects.set(rowId, suspect);
    return suspect;
  }

  return {
    succeeded() {
      successes += 1;
      failedSinceSuccess.clear();
    },
    forget: (rowId) => void suspects.delete(rowId),
    failed(rowId, { temporalSeemsDown }) {
      failedSinceSuccess.add(rowId);
      const suspect = suspectOf(rowId);
      const pauseMs = Math.min(firstPauseMs * 2 ** suspect.failures, longestPauseMs);
      suspect.failures += 1;
      if (successes > suspect.successesBefore) suspect.amidSuccesses += 1;
      suspect.successesBefore = successes;
      const needed = failuresThatBlame[temporalSeemsDown ? 'temporalSeemsDown' : 'unclear'];
      if (suspect.amidSuccesses < needed) return { kind: 'suspended', retryAfterMs: pauseMs };
      suspect.amidSuccesses = 0;
      return { kind: 'blamed' };
    },
    isOutage: () => failedSinceSuccess.size >= eventsOfAnOutage,
    newRound: () => failedSinceSuccess.clear(),
  };
}
