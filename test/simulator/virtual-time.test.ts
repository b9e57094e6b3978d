import { expect, it } from 'vitest';
import { formatElapsed, parseElapsed } from '../../simulator/virtual-time.ts';

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
