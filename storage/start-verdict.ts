/** What to do about an event or a delivery whose start failed without saying whose fault it is. */
export type StartVerdict =
  /** Nothing is known against it. It is tried again after a pause, which costs it no attempt. */
  | { kind: 'suspended'; retryAfterMs: number }
  /** Other starts succeed while this one fails: it is to blame. */
  | { kind: 'blamed' };

/** Judges failed starts by the starts of others. `Key` tells them apart: the row of an event, the id of a delivery. */
export interface StartJudge<Key> {
  /** A start succeeded, or Temporal knew it already. */
  succeeded(): void;
  /** Nothing is left to start for it. */
  forget(key: Key): void;
  failed(key: Key, failure: { temporalSeemsDown: boolean }): StartVerdict;
  /** Whether so many different ones have failed since the last success that Temporal must be to blame. */
  isOutage(): boolean;
  /** Forgets who has failed since the last success, for the next round of tries. */
  newRound(): void;
}

/** A start that is blamed is tried this many times, {@link blamedPauseMs} apart. Then it is given up. */
export const mostBlames = 5;
export const blamedPauseMs = 60_000;

/** This many different failures, and no success between them, make an outage. Fewer are only set aside. */
const failuresOfAnOutage = 8;
/** The pause of a suspended one doubles. It is short, since Temporal may be back at any time. */
const firstPauseMs = 500;
const longestPauseMs = 5_000;
/** As many are remembered. Beyond it the one that failed first is forgotten, and starts with a clean record. */
const mostSuspects = 10_000;
/** How often a start must fail between successes of others before it is blamed. An overloaded server fails some starts and not others. */
const failuresThatBlame = { unclear: 1, temporalSeemsDown: 3 };

interface Suspect {
  failures: number;
  /** Its failures since it was last blamed that came after a success of another one. */
  amidSuccesses: number;
  /** The number of successes when it last failed. */
  successesBefore: number;
}

/**
 * An error whose meaning is unknown is neither an outage nor a mistake of its event or delivery by itself. It is its own if it fails,
 * others start, and it fails again. So an outage uses up no attempts, and no number of those that always fail can pass for one as
 * long as any other starts.
 */
export function createStartJudge<Key>(): StartJudge<Key> {
  const suspects = new Map<Key, Suspect>();
  const failedSinceSuccess = new Set<Key>();
  let successes = 0;

  function suspectOf(key: Key): Suspect {
    const known = suspects.get(key);
    if (known !== undefined) return known;
    const [oldest] = suspects.keys();
    if (oldest !== undefined && suspects.size >= mostSuspects) suspects.delete(oldest);
    const suspect = { failures: 0, amidSuccesses: 0, successesBefore: successes };
    suspects.set(key, suspect);
    return suspect;
  }

  return {
    succeeded() {
      successes += 1;
      failedSinceSuccess.clear();
    },
    forget: (key) => void suspects.delete(key),
    failed(key, { temporalSeemsDown }) {
      failedSinceSuccess.add(key);
      const suspect = suspectOf(key);
      const pauseMs = Math.min(firstPauseMs * 2 ** suspect.failures, longestPauseMs);
      suspect.failures += 1;
      if (successes > suspect.successesBefore) suspect.amidSuccesses += 1;
      suspect.successesBefore = successes;
      const needed = failuresThatBlame[temporalSeemsDown ? 'temporalSeemsDown' : 'unclear'];
      if (suspect.amidSuccesses < needed) return { kind: 'suspended', retryAfterMs: pauseMs };
      suspect.amidSuccesses = 0;
      return { kind: 'blamed' };
    },
    isOutage: () => failedSinceSuccess.size >= failuresOfAnOutage,
    newRound: () => failedSinceSuccess.clear(),
  };
}
