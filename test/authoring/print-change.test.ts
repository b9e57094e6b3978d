import { expect, it } from 'vitest';
import { isSame, printChange } from '../../authoring/print-change.ts';
import type { Json } from '../../language/json.ts';

const amount = { var: 'event.payment.amount' };

it.each<[string, Json, Json, string]>([
  ['at the end', { '>=': [amount, 1000000] }, { '>=': [amount, 800000] }, 'event.payment.amount >= 1000000 → 800000'],
  [
    'in the middle',
    { floor: { '*': [amount, 0.05] } },
    { floor: { '*': [amount, 0.04] } },
    'floor(event.payment.amount * (0.05 → 0.04))',
  ],
  ['of a path', { '>': [amount, 1] }, { '>': [{ var: 'event.x' }, 1] }, '(event.payment.amount → event.x) > 1'],
  ['of a default', { var: ['a', 0] }, { var: ['a', 1] }, 'a else 0 → a else 1'],
  [
    'of the operator',
    { '>': [amount, 1] },
    { '>=': [amount, 1] },
    'event.payment.amount > 1 → event.payment.amount >= 1',
  ],
  ['of two parts', { '>': [1, 2] }, { '>': [3, 4] }, '1 > 2 → 3 > 4'],
  ['of the number of parts', { and: [true] }, { and: [true, false] }, 'and(true) → true and false'],
  ['of one item', ['a', 'b', 'c'], ['a', 'x', 'c'], '["a", ("b" → "x"), "c"]'],
  ['of a member', { a: 1, b: { c: 2 } }, { a: 1, b: { c: 3 } }, '{ a: 1, b: { c: (2 → 3) } }'],
  ['of the keys', { a: 1 }, { b: 1 }, '{ a: 1 } → { b: 1 }'],
  ['within data', { literal: { a: [1, 2] } }, { literal: { a: [1, 3] } }, '{"a":[1,2]} → {"a":[1,3]}'],
  ['of the type', '1', 1, '"1" → 1'],
  ['to null', 'a', null, '"a" → null'],
])('shows a change %s', (_what, before, after, expected) => {
  expect(printChange(before, after)).toBe(expected);
});

it('shows of two long texts the part around the first difference', () => {
  const text = (word: string) => `${'x'.repeat(100)}${word}${'y'.repeat(100)}`;
  const around = (word: string) => `…${'x'.repeat(20)}${word}${'y'.repeat(37)}…`;
  expect(printChange(text('one'), text('two'))).toBe(`${around('one')} → ${around('two')}`);
});

it('compares by value regardless of key order, and undefined only with undefined', () => {
  expect(isSame({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
  expect(isSame([1, 2], [2, 1])).toBe(false);
  expect(isSame(null, undefined)).toBe(false);
  expect(isSame(undefined, undefined)).toBe(true);
});
