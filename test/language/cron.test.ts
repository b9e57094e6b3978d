import { describe, expect, it } from 'vitest';
import { cronProblem, isTimezone, localDateAndTime, nextTimes } from '../../language/cron.ts';

describe('a schedule', () => {
  it.each([
    '0 8 * * *',
    '*/5 0-6,22 1,15 * *',
    '59 23 31 12 *',
    '0 0 * * sun-SAT',
    '0 0 29 feb *',
    '@daily',
    '0 0 * * 7',
  ])('may be %s', (text) => {
    expect(cronProblem(text)).toBeUndefined();
  });

  it.each([
    ...[
      '',
      ' ',
      '* * * *',
      '* * * * * *',
      ' 0 8 * * *',
      '0  8 * * *',
      '0\t8 * * *',
      '@noon',
      '@every 1h',
      '@constructor',
    ],
    ...['60 * * * *', '-1 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 0 *', '* * * 13 *', '* * * * 8'],
    ...[
      '1.5 * * * *',
      '1e1 * * * *',
      '٣ * * * *',
      '5-1 * * * *',
      '1-2-3 * * * *',
      '*/0 * * * *',
      '*/-1 * * * *',
      '/5 * * * *',
    ],
    ...[
      '1,,2 * * * *',
      ', * * * *',
      '* * L * *',
      '* * 15W * *',
      '* * ? * *',
      '* * * * mon#1',
      '* * * foo *',
      'CRON_TZ=UTC 0 8 * * *',
    ],
    ...['0 8 1 * 1', '0 0 30 2 *', '0 0 31 2,4,6,9,11 *', `${'1,'.repeat(200)}1 * * * *`],
  ])('is not %j', (text) => {
    expect(cronProblem(text)).toBeTypeOf('string');
  });

  it('has no times if it cannot be read', () => {
    expect(nextTimes(['nonsense'], 'UTC', { afterMs: 0, count: 5 })).toEqual([]);
    expect(nextTimes([], 'UTC', { afterMs: 0, count: 5 })).toEqual([]);
  });

  it('has its next time after an instant, not at it', () => {
    const at = Date.parse('2026-11-28T01:00:00Z');
    expect(nextTimes(['0 8 * * *'], 'Asia/Jakarta', { afterMs: at, count: 1 })).toEqual([at + 86_400_000]);
    expect(nextTimes(['0 8 * * *'], 'Asia/Jakarta', { afterMs: at - 1, count: 1 })).toEqual([at]);
  });

  it('finds rare times within moments', () => {
    const times = nextTimes(['0 0 29 2 *'], 'UTC', { afterMs: Date.parse('2096-03-01T00:00:00Z'), count: 1 });
    expect(times).toEqual([Date.parse('2104-02-29T00:00:00Z')]);
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Asia/Jakarta', 'Asia/Calcutta', 'Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'Etc/GMT+7'])(
    'may be %s',
    (name) => {
      expect(isTimezone(name)).toBe(true);
    },
  );

  it.each(['', 'WIB', '+07:00', 'asia/jakarta', 'Asia/Nowhere', '../../etc/passwd', 'Asia/Jakarta ', 'x'.repeat(200)])(
    'is not %j',
    (name) => {
      expect(isTimezone(name)).toBe(false);
    },
  );

  it('has its own date and time of day', () => {
    const at = Date.parse('2026-11-28T17:30:00Z');
    expect(localDateAndTime('Asia/Jakarta', at)).toEqual({ date: '2026-11-29', time: '00:30' });
    expect(localDateAndTime('UTC', at)).toEqual({ date: '2026-11-28', time: '17:30' });
  });
});
