import { describe, expect, it } from 'vitest';
import { bytes, duration, fullTime, money, relativeTime } from '../../console/parts/format.ts';

const now = Date.parse('2026-11-28T12:00:00Z');

describe('a time relative to now', () => {
  it.each([
    [-4_000, 'now'],
    [-40_000, '40 sec. ago'],
    [-3 * 60_000, '3 min. ago'],
    [-5 * 3_600_000, '5 hr. ago'],
    [2 * 3_600_000, 'in 2 hr.'],
    [-86_400_000, 'yesterday'],
    [-40 * 86_400_000, 'Oct 19, 2026'],
  ])('%d ms away is written %s', (past, text) => {
    expect(relativeTime(now + past, now, 'en')).toBe(text);
  });

  it('is written in Indonesian', () => {
    expect(relativeTime(now - 180_000, now, 'id')).toContain('3 mnt');
  });
});

it('writes a time in a zone', () => {
  expect(fullTime(now, 'en', 'Asia/Jakarta').replaceAll('\u202f', ' ')).toBe('Nov 28, 2026, 7:00:00 PM');
});

it.each([
  [0, '0 ms'],
  [-5, '0 ms'],
  [830, '830 ms'],
  [1_234, '1.23 s'],
  [12_400, '12.4 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [3 * 86_400_000, '3 d'],
])('writes %d ms as %s', (ms, text) => {
  expect(duration(ms, 'en')).toBe(text);
});

describe('an amount', () => {
  it.each([
    [2_500_000, 'IDR', 'id', 'Rp 25.000,00'],
    [2_500_000, 'IDR', 'en', 'IDR 25,000.00'],
    [1_999, 'USD', 'en', '$19.99'],
    [-5, 'USD', 'en', '-$0.05'],
    [500, 'JPY', 'en', '¥500'],
    ['90071992547409931234', 'IDR', 'en', 'IDR 900,719,925,474,099,312.34'],
    [12, 'XYZ', 'en', 'XYZ 12'],
    [12, null, 'en', '12'],
  ])('of %s in %s is written in %s as %s', (amount, currency, locale, text) => {
    expect(money(amount, currency, locale).replaceAll('\u00a0', ' ')).toBe(text);
  });
});

it.each([
  [12, '12 B'],
  [1_500, '1.5 kB'],
  [2_340_000, '2.3 MB'],
])('writes %d bytes as %s', (count, text) => {
  expect(bytes(count, 'en')).toBe(text);
});
