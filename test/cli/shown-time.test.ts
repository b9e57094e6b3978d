import { expect, it } from 'vitest';
import { shownDuration, shownTime } from '../../cli/shown-time.ts';

it('shows a time in UTC', () => {
  expect(shownTime('2026-01-01T00:00:05.123Z', { utc: true })).toBe('2026-01-01 00:00:05Z');
});

it('shows a time in the time zone of the terminal, as the same instant', () => {
  const shown = shownTime('2026-01-01T00:00:05.000Z');
  expect(shown).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/);
  const [day, time, offset] = shown.split(' ');
  expect(new Date(`${day}T${time}${offset}`).toISOString()).toBe('2026-01-01T00:00:05.000Z');
});

it('leaves a text that is no time', () => {
  expect(shownTime('soon')).toBe('soon');
});

it.each([
  [0, '0 s'],
  [-5, '0 s'],
  [45, '45 s'],
  [60, '1 min'],
  [3_725, '1 h 2 min'],
  [3_605, '1 h'],
  [183_600, '2 d 3 h'],
])('shows %i seconds', (seconds, shown) => {
  expect(shownDuration(seconds)).toBe(shown);
});
