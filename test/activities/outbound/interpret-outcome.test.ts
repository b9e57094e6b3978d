import { describe, expect, it } from 'vitest';
import { interpretOutcome } from '../../../activities/outbound/interpret-outcome.ts';

const now = new Date('2026-11-25T08:00:00.000Z');
const answer = (status: number, retryAfter: string | null = null) =>
  interpretOutcome({ kind: 'answered', status, retryAfter }, now);

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
    expect(answer(410)).toEqual({ kind: 'permanent', disableEndpoint: true, reason: 'HTTP 410' });
  });

  it('no answer is retried on the schedule', () => {
    expect(interpretOutcome({ kind: 'unanswered', reason: 'no answer (ECONNREFUSED)' }, now)).toEqual({
      kind: 'retry',
      afterMs: null,
      reason: 'no answer (ECONNREFUSED)',
    });
  });

  it('a refused address ends the delivery and leaves the endpoint enabled', () => {
    expect(interpretOutcome({ kind: 'refused', reason: 'not allowed' }, now)).toEqual({
      kind: 'permanent',
      disableEndpoint: false,
      reason: 'not allowed',
    });
  });
});
