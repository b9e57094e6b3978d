export interface Limit {
  perSecond: number;
  burst: number;
}

/** `perSecond` tokens flow in, up to `burst`. `now` is in milliseconds. */
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

/** A rate limit for each key, made when the key is first seen. */
interface KeyedRateLimits {
  /** The key's bucket; a full one where the key is new, was forgotten, or has another limit than the last time. */
  of(key: string, limit: Limit): RateLimit;
}
/** A token bucket. */
export interface RateLimit {
  /** Takes a token. 0 where there was one, so that the request may pass, else the seconds until there will be. */
  take(): number;
  /** What `take` would say, without taking. */
  waitSeconds(): number;
}

/**
 * At most `capacity` buckets are kept, some 300 bytes each: past that the one that was unused for longest is forgotten, which
 * forgives its debt. So strangers with endless addresses cost bounded memory, and themselves gain no more than the burst that
 * each new address has anyway.
 */
export function createKeyedRateLimits({ capacity, now }: { capacity: number; now: () => number }): KeyedRateLimits {
  /** In the order of their last use. */
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
