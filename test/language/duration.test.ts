import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../language/duration.ts';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['365d', 31_536_000_000],
    ['0s', 0],
  ])('%s is %d ms', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  it.each(['', '5', 's', '5 m', '5M', '1.5h', '-1s', '05s', '1h30m', '1w', '5s\n', '٥s'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(
      'is not a duration. Write a whole number and a unit: 500ms, 30s, 5m, 24h or 7d.',
    );
  });

  it.each(['366d', '8761h', '99999999999999999999999999ms'])('%s is too long', (text) => {
    expect(() => parseDuration(text)).toThrow(`"${text}" is too long. The longest is 365d.`);
  });

  it.each([
    [0, '0s'],
    [999, '999ms'],
    [90_000, '90s'],
    [300_000, '5m'],
    [86_400_000, '1d'],
    [90_000_000, '25h'],
  ])('of %d ms is written %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});
