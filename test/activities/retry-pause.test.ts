import { describe, expect, it } from 'vitest';
import { lengthened, policyPauseMs } from '../../activities/retry-pause.ts';

describe('the pause of a retry policy', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [9, 256_000],
    [10, 300_000],
    [1_000_000, 300_000],
  ])('after attempt %i of a step with the default limits is %i ms', (attempt, pauseMs) => {
    const retryPolicy = { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 300_000 };
    expect(policyPauseMs({ attempt, retryPolicy })).toBe(pauseMs);
  });

  it('is Temporal’s own if the server does not tell the policy', () => {
    expect(policyPauseMs({ attempt: 3 })).toBe(4_000);
    expect(policyPauseMs({ attempt: 30 })).toBe(100_000);
    expect(policyPauseMs({ attempt: 30, retryPolicy: { initialInterval: 50 } })).toBe(5_000);
  });
});

describe('a receiver’s wish', () => {
  it.each([
    [9_000, 8_000, { nextRetryDelayMs: 9_000 }],
    [8_000, 8_000, {}],
    [1_000, 8_000, {}],
    [null, 8_000, {}],
  ])('of %j ms with a policy of %i ms gives %j', (wishedMs, policyMs, expected) => {
    expect(lengthened(wishedMs, policyMs)).toEqual(expected);
  });
});
