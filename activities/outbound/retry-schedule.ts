const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses in ms, each before one attempt; as many attempts as entries. */
export type RetrySchedule = readonly number[];

/** Svix's schedule (https://docs.svix.com/retries): eight attempts over some 27.5 hours. */
export const defaultRetrySchedule: RetrySchedule = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  10 * hour,
];

/** Spreads the retries of many deliveries that failed together: each pause is 80 to 120 % of the schedule's. */
const jitter = 0.2;

/**
 * The pause in ms after attempt number `attempt` (from 1) has failed, or null after the last one. `random` is uniform in
 * [0, 1). Never 0, which Temporal would take for "not given".
 */
export function pauseAfterAttemptMs(schedule: RetrySchedule, attempt: number, random: () => number): number | null {
  const pauseMs = schedule[attempt];
  if (pauseMs === undefined) return null;
  return Math.max(1, Math.round(pauseMs * (1 - jitter + 2 * jitter * random())));
}

/** The longest that a delivery can take, in ms, if every pause is a receiver's longest Retry-After. */
export function longestDeliveryMs(
  schedule: RetrySchedule,
  limits: { attemptTimeoutMs: number; retryAfterMaxMs: number },
): number {
  const pausesMs = schedule.map((pauseMs, index) =>
    index === 0 ? pauseMs : Math.max(pauseMs * (1 + jitter), limits.retryAfterMaxMs),
  );
  return pausesMs.reduce((sum, pauseMs) => sum + pauseMs + limits.attemptTimeoutMs, 0);
}
