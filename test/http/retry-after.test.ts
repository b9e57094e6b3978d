import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../http/retry-after.ts';

const now = new Date('2026-11-25T08:49:07.000Z');

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 30 ', 30_000],
    ['0', 1_000],
    ['86400', 86_400_000],
    ['86401', 86_400_000],
    ['99999999999999999999999999', 86_400_000],
    ['Wed, 25 Nov 2026 08:49:37 GMT', 30_000],
    ['Wednesday, 25-Nov-26 08:49:37 GMT', 30_000],
    ['Wed Nov 25 08:49:37 2026', 30_000],
    ['Wed, 25 Nov 2026 08:00:00 GMT', 1_000],
    ['Wed, 25 Nov 2037 08:00:00 GMT', 86_400_000],
  ])('%j means a wait of %i ms', (header, waitMs) => {
    expect(retryAfterMs(header, now)).toBe(waitMs);
  });

  it.each([
    null,
    '',
    'soon',
    '-5',
    '1.5',
    '1e3',
    '0x10',
    '2026-11-25',
    '2026-11-25T09:00:00Z',
    'Wed, 99 Nov 2026 08:49:37 GMT',
  ])('%j means nothing', (header) => {
    expect(retryAfterMs(header, now)).toBeNull();
  });
});
