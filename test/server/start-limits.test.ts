import { expect, it } from 'vitest';
import { fitsKeyword, idRefusal } from '../../server/start-limits.ts';

it.each([
  ['x'.repeat(1_000), null],
  ['€'.repeat(333), null],
  ['€'.repeat(334), 'The id takes 1002 bytes, and Temporal accepts 1000'],
])('measures an id in bytes', (id, refusal) => {
  expect(idRefusal(id)).toBe(refusal);
});

it.each([
  ['x'.repeat(255), true],
  ['x'.repeat(256), false],
  ['😀'.repeat(255), true],
])('knows how many characters fit a search attribute', (text, fits) => {
  expect(fitsKeyword(text)).toBe(fits);
});
