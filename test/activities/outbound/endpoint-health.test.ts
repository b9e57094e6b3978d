import { describe, expect, it } from 'vitest';
import type { AttemptOutcome } from '../../../activities/outbound/attempt-outcome.ts';
import { type EndpointHealth, healthAfter } from '../../../activities/outbound/endpoint-health.ts';

const at = new Date('2026-11-25T08:00:00.000Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const healthy: EndpointHealth = {
  ...{ state: 'enabled', disabledReason: null, failures: 0, failingSince: null, openUntil: null, openings: 0 },
};
const failed: AttemptOutcome = { kind: 'retry', afterMs: null, reason: 'HTTP 500', isBusy: false };
const busy: AttemptOutcome = { kind: 'retry', afterMs: 1_000, reason: 'HTTP 429', isBusy: true };
const delivered: AttemptOutcome = { kind: 'delivered' };
const gone: AttemptOutcome = { kind: 'permanent', reason: 'HTTP 410', disabledReason: '410 Gone' };
const policy = { disableAfterMs: 5 * 86_400_000 };
const after = (health: EndpointHealth, outcome: AttemptOutcome, when = at, isProbe = false) =>
  healthAfter(health, { outcome, at: when, isProbe }, policy);

describe('the health of an endpoint', () => {
  it.each([
    ['a success', delivered],
    ['a request for a pause', busy],
    ['a message that it refused', { kind: 'permanent', reason: 'HTTP 422', disabledReason: null } as const],
  ])('stays as it is after %s', (_what, outcome) => {
    expect(after(healthy, outcome)).toBeNull();
  });

  it('counts failures, and since when', () => {
    const one = after(healthy, failed);
    expect(one).toEqual({ health: { ...healthy, failures: 1, failingSince: at }, notice: null });
    expect(after(one!.health, failed, later(5))).toMatchObject({ health: { failures: 2, failingSince: at } });
  });

  it('is forgotten by a success, of which nobody has to know', () => {
    expect(after({ ...healthy, failures: 4, failingSince: at }, delivered)).toEqual({ health: healthy, notice: null });
  });

  it('opens the circuit at the fifth failure in a row, and says so', () => {
    const opened = after({ ...healthy, failures: 4, failingSince: at }, failed, later(1));
    expect(opened).toMatchObject({
      health: { failures: 5, openUntil: later(30_001), openings: 1 },
      notice: { kind: 'failing', reason: 'HTTP 500' },
    });
  });

  it('keeps the circuit open for longer after each probe that failed, and says nothing again', () => {
    const open = { ...healthy, failures: 5, failingSince: at, openUntil: later(30_000), openings: 1 };
    const again = after(open, failed, later(40_000), true);
    expect(again).toMatchObject({ health: { openUntil: later(100_000), openings: 2 }, notice: null });
    expect(after({ ...open, openings: 50 }, failed, later(0), true)?.health.openUntil).toEqual(later(15 * 60_000));
  });

  it('is not changed again by requests that were under way when the circuit was opened', () => {
    const open = { ...healthy, failures: 5, failingSince: at, openUntil: later(30_000), openings: 1 };
    expect(after(open, failed, later(2))).toMatchObject({ health: { ...open, failures: 6 }, notice: null });
  });

  it('closes the circuit after a success, and says so', () => {
    const open = { ...healthy, failures: 9, failingSince: at, openUntil: later(30_000), openings: 3 };
    expect(after(open, delivered, later(9), true)).toEqual({
      health: healthy,
      notice: { kind: 'recovered', reason: '' },
    });
  });

  it('is disabled at once by 410', () => {
    expect(after(healthy, gone)).toMatchObject({
      health: { state: 'disabled', disabledReason: '410 Gone' },
      notice: { kind: 'disabled', reason: '410 Gone' },
    });
  });

  it('is disabled after days of failures only', () => {
    const failing = { ...healthy, failures: 500, failingSince: at, openUntil: later(1), openings: 40 };
    expect(after(failing, failed, later(5 * 86_400_000 - 1), true)?.health.state).toBe('enabled');
    expect(after(failing, failed, later(5 * 86_400_000), true)).toMatchObject({
      health: { state: 'disabled', disabledReason: 'every attempt has failed since 2026-11-25T08:00:00.000Z' },
      notice: { kind: 'disabled' },
    });
  });

  it('is never disabled by failures if its owner says so', () => {
    const failing = { ...healthy, failures: 500, failingSince: at };
    const ended = { outcome: failed, at: later(9e10), isProbe: false };
    expect(healthAfter(failing, ended, { disableAfterMs: null })?.health.state).toBe('enabled');
  });

  it('tells only once that it is disabled', () => {
    expect(after({ ...healthy, state: 'disabled' }, gone)).toBeNull();
  });

  it('stays paused, whatever an attempt under way finds', () => {
    const paused = { ...healthy, state: 'paused' as const, failures: 500, failingSince: at };
    expect(after(paused, failed, later(9e10))?.health.state).toBe('paused');
  });
});
