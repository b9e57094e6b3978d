import { expect, it } from 'vitest';
import type { RunInput } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { fitsKeyword, idRefusal, jsonBytes, refusalOf, shortSummary } from '../../server/start-limits.ts';
import { sampleEvent } from './sample-event.ts';

function inputWith(data: Json): RunInput {
  const definition = { name: 'a', on: 'run' as const, steps: [] };
  return { definition, definitionHash: 'hash', event: sampleEvent({ data }), localActivities: [] };
}
const without = jsonBytes(inputWith(''))!;

it.each([
  ['bytes, not characters', '€'.repeat(400_000), 1_200_000],
  ['escaped characters as JSON writes them', '\x01'.repeat(200_000), 1_200_000],
  ['quotes', '"'.repeat(600_000), 1_200_000],
])('counts %s', (_what, data, expected) => {
  expect(jsonBytes(inputWith(data))).toBe(without + expected);
});

it('accepts an input up to its limit and refuses one byte more, with both numbers', () => {
  const fits = 'x'.repeat(1_250_000 - without);
  expect(refusalOf(inputWith(fits), 'a/stripe/evt_1')).toBeNull();
  const reason = "The run's input takes 1250001 bytes as JSON, and at most 1250000 fit";
  expect(refusalOf(inputWith(`${fits}x`), 'a/stripe/evt_1')).toBe(reason);
});

it('refuses an input that cannot be written as JSON', () => {
  let nested: Json = 0;
  for (let level = 0; level < 100_000; level++) nested = [nested];
  const reason = "The run's input takes more than can be written as JSON, and at most 1250000 fit";
  expect(refusalOf(inputWith(nested), 'a/stripe/evt_1')).toBe(reason);
});

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
