import { expect, it } from 'vitest';
import { shortSummary } from '../../storage/short-summary.ts';

it.each([
  ['payment.succeeded pi_1 IDR 2500000', 'payment.succeeded pi_1 IDR 2500000'],
  ['x'.repeat(1_000), 'x'.repeat(298)],
  ['😀'.repeat(1_000), '😀'.repeat(74)],
  ['"'.repeat(1_000), '"'.repeat(149)],
])('cuts a summary to 300 bytes of JSON, between characters', (text, expected) => {
  expect(shortSummary(text)).toBe(expected);
});
