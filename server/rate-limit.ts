export interface Limit {
  perSecond: number;
  burst: number;
}

/** A token bucket. */
export interface RateLimit {
  /** Takes a token and returns 0. If there is none, returns the seconds until there will be. */
  take(): number;
  /** Returns what `take` would, without taking a token. */
  waitSeconds(): number;
}

/** The rate limits of many keys. */
interface KeyedRateLimits {
  /** Returns the key's bucket. It is full if the key is new or was forgotten, or if its limit has changed. */
  of(key: string, limit: Limit): RateLimit;
}

/** Creates a full bucket that gains `perSecond` tokens, up to `burst`. `now` is in milliseconds. */
export function createRateLimit(limit: Limit, now: () => number): RateLimit {
  let tokens = limit.burst;
  let filledAt = now();

  function waitSeconds(): number {
    const at = now();
    // A clock that is set back must not drain the bucket.
    tokens = Math.min(limit.burst, tokens + (Math.max(0, at - filledAt) / 1000) * limit.perSecond);
    filledAt = at;
    return tokens < 1 ? (1 - tokens) / limit.perSecond : 0;
  }

  return {
    waitSeconds,
    take() {
      const wait = waitSeconds();
      if (wait === 0) tokens -= 1;
      return wait;
    },
  };
}

/**
 * Keeps at most `capacity` buckets of about 300 bytes each. Past that, it forgets the one that was unused for longest, and with it
 * that key's debt. So strangers with endless addresses take up bounded memory, and gain only the burst that every new address has.
 */
export function createKeyedRateLimits({ capacity, now }: { capacity: number; now: () => number }): KeyedRateLimits {
  /** Ordered by last use, the oldest first. */
  const buckets = new Map<string, { limit: Limit; bucket: RateLimit }>();
  return {
    of(key, limit) {
      const kept = buckets.get(key);
      buckets.delete(key);
      const entry =
        kept !== undefined && sameLimit(kept.limit, limit) ? kept : { limit, bucket: createRateLimit(limit, now) };
      buckets.set(key, entry);
      const [oldest] = buckets.keys();
      if (buckets.size > capacity && oldest !== undefined) buckets.delete(oldest);
      return entry.bucket;
    },
  };
}

function sameLimit(one: Limit, other: Limit): boolean {
  return one.perSecond === other.perSecond && one.burst === other.burst;
}
