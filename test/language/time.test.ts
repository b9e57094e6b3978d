import { describe, expect, it } from 'vitest';
import { formatDuration, formatRfc3339, parseDuration, parseRfc3339 } from '../../language/time.ts';

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

  it.each(['', '5', 's', '5 m', '5M', '1.5h', '-1s', '05s', '1h30m', '1w', '5s\n', '٥s'])('%j is rejected', (text) => {
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

describe('an instant', () => {
  it.each<[string, number]>([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-01-31t02:00:00.5z', 1_769_824_800_500],
    ['2026-01-31T09:00:00.123456789+07:00', 1_769_824_800_123],
    ['2026-01-31T09:00:00-00:30', 1_769_851_800_000],
    ['2028-02-29T23:59:59+23:59', 1_835_395_259_000],
    ['0000-01-01T00:00:00Z', -62_167_219_200_000],
  ])('reads %s', (text, unixMs) => {
    expect(parseRfc3339(text)).toBe(unixMs);
  });

  it.each([
    '',
    '2026-01-31',
    '2026-01-31 02:00:00Z',
    '2026-01-31T02:00:00',
    '2026-01-31T02:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00+07:00',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T23:60:00Z',
    '2026-12-31T23:59:60Z',
    '2026-01-31T00:00:00+24:00',
    '2026-01-31T00:00:00+0700',
    '2026-01-31T00:00:00.Z',
    '+002026-01-31T00:00:00Z',
    '2026-01-31T00:00:00Z\n',
    '٢٠٢٦-01-31T00:00:00Z',
  ])('does not take %j for an instant', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('writes the years from 0000 to 9999, with milliseconds', () => {
    expect(formatRfc3339(-62_167_219_200_000)).toBe('0000-01-01T00:00:00.000Z');
    expect(formatRfc3339(253_402_300_799_999)).toBe('9999-12-31T23:59:59.999Z');
    expect(formatRfc3339(-62_167_219_200_001)).toBeUndefined();
    expect(formatRfc3339(253_402_300_800_000)).toBeUndefined();
    expect(formatRfc3339(NaN)).toBeUndefined();
  });
});
