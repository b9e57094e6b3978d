import { describe, expect, it } from 'vitest';
import {
  interpretAttempt,
  longestDeliveryMs,
  pauseAfterAttemptMs,
} from '../../../activities/outbound/attempt-outcome.ts';

const now = new Date('2026-11-25T08:00:00.000Z');
const answer = (status: number, retryAfter?: string) => {
  const headers = { 'retry-after': retryAfter };
  return interpretAttempt({ kind: 'answered', status, headers, body: Buffer.alloc(0), bodyComplete: true }, now);
};

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
    expect(answer(status)).toEqual({ kind: 'delivered' });
  });

  it.each([300, 301, 302, 307, 308, 400, 401, 404, 409, 422, 500, 502, 504])(
    '%i is retried on the schedule',
    (status) => {
      expect(answer(status, '120')).toEqual({ kind: 'retry', afterMs: null, reason: `HTTP ${status}` });
    },
  );

  it.each([429, 503])('%i is retried when its Retry-After says', (status) => {
    expect(answer(status, '120')).toEqual({ kind: 'retry', afterMs: 120_000, reason: `HTTP ${status}` });
    expect(answer(status, 'soon')).toEqual({ kind: 'retry', afterMs: null, reason: `HTTP ${status}` });
    expect(answer(status)).toEqual({ kind: 'retry', afterMs: null, reason: `HTTP ${status}` });
  });

  it('410 ends the delivery and disables the endpoint', () => {
    expect(answer(410)).toEqual({ kind: 'permanent', reason: 'HTTP 410', disabledReason: '410 Gone' });
  });

  it('no answer is retried on the schedule', () => {
    expect(interpretAttempt({ kind: 'unanswered', reason: 'no answer (ECONNREFUSED)' }, now)).toEqual({
      kind: 'retry',
      afterMs: null,
      reason: 'no answer (ECONNREFUSED)',
    });
  });

  it('a refused address ends the delivery and leaves the endpoint enabled', () => {
    expect(interpretAttempt({ kind: 'refused', reason: 'not allowed' }, now)).toEqual({
      kind: 'permanent',
      reason: 'not allowed',
      disabledReason: null,
    });
  });
});

const middle = () => 0.5;

describe('the retry schedule', () => {
  it.each([
    [1, 5_000],
    [2, 300_000],
    [3, null],
  ])('after attempt %i has a pause of %j ms', (attempt, pauseMs) => {
    expect(pauseAfterAttemptMs([0, 5_000, 300_000], attempt, middle)).toBe(pauseMs);
  });

  it('spreads each pause over 80 to 120 %', () => {
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0)).toBe(800);
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0.75)).toBe(1_100);
    expect(pauseAfterAttemptMs([0, 1_000], 1, () => 0.999999)).toBe(1_200);
  });

  it('has no pause of 0, which Temporal would replace with its own', () => {
    expect(pauseAfterAttemptMs([0, 0], 1, middle)).toBe(1);
  });

  it('bounds a delivery by its pauses or the longest Retry-After, and the time of its attempts', () => {
    expect(longestDeliveryMs([0, 1_000, 10_000], { attemptTimeoutMs: 100, retryAfterMaxMs: 5_000 })).toBe(17_300);
  });
});
