import { expect, it } from 'vitest';
import { compareLists } from '../../../simulator/definition-tests/compare-lists.ts';

function diff(expected: string, got: string): string | undefined {
  const lines = compareLists(expected.split(''), got.split(''), (one, other) => expected[one] === got[other]);
  const signs = { same: ' ', missing: '-', unexpected: '+' };
  return lines?.map(({ kind, text }) => `${signs[kind]}${text}`).join('');
}

it.each([
  ['abc', 'axc', ' a-b+x c'],
  ['abc', 'ac', ' a-b c'],
  ['ac', 'abc', ' a+b c'],
  ['abc', 'bca', '-a b c+a'],
  ['', 'a', '+a'],
  ['a', '', '-a'],
  ['abcd', 'bxd', '-a b-c+x d'],
])('merges %s and %s with as many common lines as possible', (expected, got, lines) => {
  expect(diff(expected, got)).toBe(lines);
});

it('finds no difference between lists that agree', () => {
  expect(diff('abc', 'abc')).toBeUndefined();
  expect(diff('', '')).toBeUndefined();
});
