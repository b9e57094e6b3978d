import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';

describe('the source of chance', () => {
  it('gives the same numbers for the same seed and purpose, on every machine', () => {
    const random = createRandom(42, 'kills');
    expect([random.between(300, 1_500), random.between(300, 1_500), random.between(300, 1_500)]).toEqual([
      1_122, 562, 542,
    ]);
  });

  it('gives other numbers for another seed or purpose', () => {
    const firstOf = (seed: number, purpose: string) => createRandom(seed, purpose).between(0, 1_000_000);
    expect(new Set([firstOf(42, 'kills'), firstOf(43, 'kills'), firstOf(42, 'copies')]).size).toBe(3);
  });

  it('reaches both ends of a range, and nothing outside', () => {
    const random = createRandom(1, 'range');
    const numbers = Array.from({ length: 200 }, () => random.between(1, 3));
    expect([...new Set(numbers)].sort()).toEqual([1, 2, 3]);
  });

  it('keeps each item when it shuffles', () => {
    const random = createRandom(1, 'order');
    const orders = Array.from({ length: 50 }, () => random.shuffled(['a', 'b', 'c']).join(''));
    expect([...new Set(orders)].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});
