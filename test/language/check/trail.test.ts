import { expect, it } from 'vitest';
import { addedSince, extended, namesIn, valueIn } from '../../../language/check/trail.ts';

const first = extended(extended<number>(null, 'a', 1), 'b', 2);
const left = extended(extended(first, 'a', 3), 'c', 4);
const right = extended(first, 'd', 5);

it('gives the latest value of a name, and leaves the trail as it was that got another', () => {
  expect([valueIn(left, 'a'), valueIn(first, 'a'), valueIn(left, 'd')]).toEqual([3, 1, undefined]);
});

it('has each name once', () => {
  expect(namesIn(left)).toEqual(['a', 'b', 'c']);
  expect(namesIn(null)).toEqual([]);
});

it('tells what one trail has beyond another, oldest first', () => {
  expect(addedSince(left, first)).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
  expect(addedSince(left, right)).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
  expect(addedSince(right, left)).toEqual([['d', 5]]);
  expect(addedSince(first, left)).toEqual([]);
  expect(addedSince(right, null)).toEqual([
    ['a', 1],
    ['b', 2],
    ['d', 5],
  ]);
});
