/** A token bucket. `take` returns 0 where the request may pass, else the seconds until one may. */
export interface RateLimit {
  take(): number;
}

/** `perSecond` tokens flow in, up to `burst`. `now` is in milliseconds. */
export function createRateLimit(limit: { perSecond: number; burst: number }, now: () => number): RateLimit {
  let tokens = limit.burst;
  let filledAt = now();
  return {
    take() {
      const at = now();
      // A clock that is set back must not drain the bucket.
      tokens = Math.min(limit.burst, tokens + (Math.max(0, at - filledAt) / 1000) * limit.perSecond);
      filledAt = at;
      if (tokens < 1) return (1 - tokens) / limit.perSecond;
      tokens -= 1;
      return 0;
    },
  };
}
