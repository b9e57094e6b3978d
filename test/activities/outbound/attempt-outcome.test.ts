import { describe, expect, it } from 'vitest';
import { interpretAttempt, pauseAfterAttemptMs } from '../../../activities/outbound/attempt-outcome.ts';

const now = new Date('2026-11-25T08:00:00.000Z');
const policy = { permanentStatuses: [422] };
const answer = (status: number, retryAfter?: string) => {
  const headers = { 'retry-after': retryAfter };
  return interpretAttempt(
    { kind: 'answered', status, headers, body: Buffer.alloc(0), bodyComplete: true },
    now,
    policy,
  );
};

describe('what an answer means', () => {
  it.each([200, 201, 202, 204, 299])('%i is delivered', (status) => {
    expect(answer(status)).toEqual({ kind: 'delivered' });
  });

  it.each([300, 301, 302, 307, 308, 400, 401, 404, 409, 500, 502, 504])('%i is retried on the schedule', (status) => {
    expect(answer(status, '120')).toEqual({ kind: 'retry', afterMs: null, reason: `HTTP ${status}`, isBusy: false });
  });

  it('a status that the policy calls final ends the delivery and leaves the endpoint enabled', () => {
    expect(answer(422)).toEqual({ kind: 'permanent', reason: 'HTTP 422', disabledReason: null });
  });

  it.each([
    [429, true],
    [503, false],
  ])('%i is retried when its Retry-After says', (status, isBusy) => {
    const retry = { kind: 'retry', reason: `HTTP ${status}`, isBusy };
    expect(answer(status, '120')).toEqual({ ...retry, afterMs: 120_000 });
    expect(answer(status, 'soon')).toEqual({ ...retry, afterMs: null });
    expect(answer(status)).toEqual({ ...retry, afterMs: null });
  });

  it('410 ends the delivery and disables the endpoint', () => {
    expect(answer(410)).toEqual({ kind: 'permanent', reason: 'HTTP 410', disabledReason: '410 Gone' });
  });

  it('no answer is retried on the schedule', () => {
    expect(interpretAttempt({ kind: 'unanswered', reason: 'no answer (ECONNREFUSED)' }, now, policy)).toEqual({
      kind: 'retry',
      afterMs: null,
      reason: 'no answer (ECONNREFUSED)',
      isBusy: false,
    });
  });

  it('a refused address ends the delivery and leaves the endpoint enabled', () => {
    expect(interpretAttempt({ kind: 'refused', reason: 'not allowed' }, now, policy)).toEqual({
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
});
