import { expect, it } from 'vitest';
import { isUnderWay, paceOf } from '../../console/pages/replays/progress.ts';

const requestedAt = '2026-11-28T10:00:00.000Z';
const afterSeconds = (seconds: number) => Date.parse(requestedAt) + seconds * 1_000;
const replay = { state: 'running' as const, total: 1_000, done: 100, requestedAt, endedAt: null };

it('tells how fast a replay is, and how long it takes still', () => {
  expect(paceOf(replay, afterSeconds(50))).toEqual({ perSecond: 2, leftMs: 450_000 });
});

it('does not tell how long a replay takes that does not go on', () => {
  expect(paceOf({ ...replay, state: 'paused' }, afterSeconds(50))).toEqual({ perSecond: 2, leftMs: null });
  const ended = { ...replay, state: 'completed' as const, done: 1_000, endedAt: '2026-11-28T10:00:10.000Z' };
  expect(paceOf(ended, afterSeconds(500))).toEqual({ perSecond: 100, leftMs: null });
});

it('tells nothing before the first was looked at, nor if clocks disagree', () => {
  expect(paceOf({ ...replay, done: 0 }, afterSeconds(50))).toBeNull();
  expect(paceOf(replay, afterSeconds(-5))).toBeNull();
});

it('takes no more time once more were looked at than there were', () => {
  expect(paceOf({ ...replay, done: 1_200 }, afterSeconds(50))?.leftMs).toBe(0);
});

it.each([
  ['pending', null, true],
  ['parked', null, true],
  ['failed', null, false],
  ['completed', requestedAt, false],
] as const)('is %s, ended at %s: under way is %s', (state, endedAt, expected) => {
  expect(isUnderWay({ state, endedAt })).toBe(expected);
});
