import { expect, it } from 'vitest';
import { closest } from '../../language/closest.ts';

it.each([
  ['amout', ['id', 'amount', 'currency'], 'amount'],
  ['CURRENCY', ['currency'], 'currency'],
  ['odrer', ['order', 'orders'], 'order'],
  ['suceeded', ['succeeded', 'failed'], 'succeeded'],
  ['x', ['y'], undefined],
  ['refund', ['receipt'], undefined],
  ['', ['a'], undefined],
])('the word nearest to %j in %j is %j', (word, candidates, expected) => {
  expect(closest(word, candidates)).toBe(expected);
});
