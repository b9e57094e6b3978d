import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countFaults, createFaultLog, definitionFault, formatFaults } from '../../server/faults.ts';

const broken = definitionFault({ file: 'shop.json', problem: 'shop.json:1:1 error', lastGood: [] });
const old = definitionFault({ file: 'old.json', problem: 'old.json:1:1 error', lastGood: ['0123456789abcdef'] });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says what is wrong, and what runs in the meantime', () => {
  expect(formatFaults([broken, old])).toBe(
    [
      'Mistake in workflows/shop.json. Events that it might handle wait until it is corrected and Kait is restarted.',
      'shop.json:1:1 error',
      '',
      'Mistake in workflows/old.json. The last good version runs (0123456789ab).',
      'old.json:1:1 error',
    ].join('\n'),
  );
  expect(countFaults([broken, old])).toEqual({
    definition: 2,
    activity: 0,
    preset: 0,
    source: 0,
    'mail-template': 0,
    people: 0,
    'event-type': 0,
    secrets: 0,
    settings: 0,
  });
});

it('logs each mistake at the start and every ten minutes', () => {
  const lines: unknown[] = [];
  const log = { error: (fields: unknown, message: string) => void lines.push([fields, message]) };
  const faultLog = createFaultLog({ faults: () => [broken], log: log as never });
  faultLog.start();
  expect(lines).toEqual([[broken, 'mistake in workflows/shop.json']]);
  vi.advanceTimersByTime(20 * 60_000);
  expect(lines).toHaveLength(3);
  faultLog.stop();
  vi.advanceTimersByTime(20 * 60_000);
  expect(lines).toHaveLength(3);
});
