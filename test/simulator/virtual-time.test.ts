import { expect, it } from 'vitest';
import { createVirtualClock, formatElapsed, parseElapsed } from '../../simulator/virtual-time.ts';

it.each([
  [0, '+0s'],
  [1, '+1ms'],
  [90_000, '+1m 30s'],
  [86_400_000, '+1d'],
  [93_784_005, '+1d 2h 3m 4s 5ms'],
  [400 * 86_400_000, '+400d'],
])('%d ms read %s, and back', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
  expect(parseElapsed(text)).toBe(ms);
});

it.each([
  ['+24h', 86_400_000],
  ['+1h30m', 5_400_000],
  ['+90m', 5_400_000],
])('%s is understood as well', (text, ms) => {
  expect(parseElapsed(text)).toBe(ms);
});

it.each(['2h', '+', '+2', '+2 h', '+-1s', '+1.5h', '+1h  2m', '+01h', '+1h ', ''])('"%s" is no time', (text) => {
  expect(parseElapsed(text)).toBeUndefined();
});

it('rings timers in the order of their instants, then in the order in which they were set', () => {
  const clock = createVirtualClock(1_000);
  const rung: string[] = [];
  const note = (name: string) => () => rung.push(`${name} ${clock.nowMs()}`);
  clock.setTimer(50, note('b'));
  clock.setTimer(10, note('a'));
  clock.setTimer(50, note('c'));
  clock.setTimer(60, note('never')).stop();
  clock.setTimer(-5, note('at once'));
  while (clock.nextMs() !== undefined) clock.advance();
  expect(rung).toEqual(['at once 1000', 'a 1010', 'b 1050', 'c 1050']);
});

it('accepts timers that are set while one rings, and stopping one twice', () => {
  const clock = createVirtualClock(0);
  const rung: number[] = [];
  const first = clock.setTimer(10, () => clock.setTimer(0, () => rung.push(clock.nowMs())));
  clock.advance();
  first.stop();
  first.stop();
  clock.advance();
  clock.advance();
  expect(rung).toEqual([10]);
  expect(clock.nextMs()).toBeUndefined();
});
