/** A token bucket. */
export interface RateLimit {
  /** Takes a token. 0 where there was one, so that the request may pass, else the seconds until there will be. */
  take(): number;
  /** What `take` would say, without taking. */
  waitSeconds(): number;
}

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
