import { expect, it } from 'vitest';
import { fitsKeyword, idRefusal, shortSummary } from '../../server/start-limits.ts';

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

it.each([
  ['payment.succeeded pi_1 IDR 2500000', 'payment.succeeded pi_1 IDR 2500000'],
  ['x'.repeat(1_000), 'x'.repeat(298)],
  ['😀'.repeat(1_000), '😀'.repeat(74)],
  ['"'.repeat(1_000), '"'.repeat(149)],
])('cuts a summary to 300 bytes of JSON, between characters', (text, expected) => {
  expect(shortSummary(text)).toBe(expected);
});
