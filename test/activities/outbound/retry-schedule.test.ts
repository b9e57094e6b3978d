import { describe, expect, it } from 'vitest';
import {
  defaultRetrySchedule,
  longestDeliveryMs,
  pauseAfterAttemptMs,
} from '../../../activities/outbound/retry-schedule.ts';

const middle = () => 0.5;

describe('the retry schedule', () => {
  it('is 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h by default, then over', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) =>
      pauseAfterAttemptMs(defaultRetrySchedule, attempt, middle),
    );
    expect(defaultRetrySchedule[0]).toBe(0);
    expect(pauses).toEqual([5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000, null]);
  });

  it('spreads each pause over 80 to 120 %', () => {
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0)).toBe(800);
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0.75)).toBe(1_100);
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0.999999)).toBe(1_200);
  });

  it('has no pause of 0, which Temporal would replace by its own', () => {
    expect(pauseAfterAttemptMs([0, 0], 1, middle)).toBe(1);
  });

  it('bounds a delivery by its pauses or the longest Retry-After, and the time of its attempts', () => {
    expect(longestDeliveryMs([0, 1_000, 10_000], { attemptTimeoutMs: 100, retryAfterMaxMs: 5_000 })).toBe(17_300);
  });
});
