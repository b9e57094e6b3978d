import { describe, expect, it } from 'vitest';
import { longestMs, printDuration, printSchedule } from '../../authoring/run-rules.ts';
import type { StepDefaults } from '../../language/definition.ts';
import { limitsMs } from '../../workflows/actions.ts';

describe('a schedule', () => {
  it.each<[string, StepDefaults, string]>([
    ['the default', {}, 'up to 20 attempts over about 58m 31s, at most 30s each'],
    ['one attempt', { timeout: '2m', retry: { attempts: 1 } }, '1 attempt of at most 2m'],
    ['two attempts', { retry: { attempts: 2, first: '500ms' } }, 'up to 2 attempts over about 500ms, at most 30s each'],
    [
      'a first pause longer than the usual longest',
      { retry: { attempts: 3, first: '10m' } },
      'up to 3 attempts over about 20m, at most 30s each',
    ],
    [
      'a longest pause shorter than the usual first',
      { retry: { attempts: 3, max: '500ms' } },
      'up to 3 attempts over about 1s, at most 30s each',
    ],
    [
      'a constant pause',
      { retry: { attempts: 11, first: '30s', factor: 1 } },
      'up to 11 attempts over about 5m, at most 30s each',
    ],
    [
      'a longest pause that is shorter than the first',
      { retry: { attempts: 3, first: '1m', max: '10s' } },
      'up to 3 attempts over about 20s, at most 30s each',
    ],
    [
      'a deadline that ends it early',
      { deadline: '10m', retry: { except: ['CardDeclined'] } },
      'up to 20 attempts over about 10m, at most 30s each, all within 10m; no retry after CardDeclined',
    ],
  ])('is printed: %s', (_what, own, expected) => {
    expect(printSchedule(limitsMs(own))).toBe(expected);
  });

  it('takes at most all attempts and pauses, and no longer than its deadline', () => {
    expect(longestMs(limitsMs({}))).toBe(4_111_000);
    expect(longestMs(limitsMs({ deadline: '1h' }))).toBe(3_600_000);
  });
});

it.each([
  [0, '0s'],
  [1, '1ms'],
  [999.6, '1s'],
  [1_500, '1s 500ms'],
  [59_999.7, '1m'],
  [3_511_000, '58m 31s'],
  [3_599_999, '1h'],
  [5_400_000, '1h 30m'],
  [90_000_000, '1d 1h'],
  [34_560_000_000, '400d'],
])('shows %d ms as %s', (durationMs, expected) => {
  expect(printDuration(durationMs)).toBe(expected);
});
