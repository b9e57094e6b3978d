import { expect, it } from 'vitest';
import { createFairQueue } from '../../../activities/outbound/fair-queue.ts';

/** Everything that waits, in the order in which it is taken. */
function drained(queue: ReturnType<typeof createFairQueue<string>>): string[] {
  const next = queue.shift();
  return next === undefined ? [] : [next, ...drained(queue)];
}

it('lets keys take turns, and keeps the order within each', () => {
  const queue = createFairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.push(item.slice(0, 1), item);
  expect(queue.size).toBe(6);
  expect(drained(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  expect(queue.size).toBe(0);
});

it('gives a late key its turn before the rest of an early one', () => {
  const queue = createFairQueue<string>();
  for (const item of ['a1', 'a2', 'a3']) queue.push('a', item);
  expect(queue.shift()).toBe('a1');
  queue.push('b', 'b1');
  expect(drained(queue)).toEqual(['a2', 'b1', 'a3']);
});

it('forgets everything, and goes on', () => {
  const queue = createFairQueue<string>();
  queue.push('a', 'a1');
  queue.clear();
  expect([queue.size, queue.shift()]).toEqual([0, undefined]);
  queue.push('a', 'a2');
  expect(queue.shift()).toBe('a2');
});
