import { expect, it } from 'vitest';
import { createByteBudget } from '../../../server/receiver/byte-budget.ts';

it('grants bytes until it is spent, and again after some are given back', () => {
  const budget = createByteBudget({ total: 100, each: 100 });
  const first = budget.lease('a');
  expect([first.take(60), first.take(41), first.take(40)]).toEqual([true, false, true]);
  expect([budget.isSpent(), budget.isSpentBy('b'), budget.lease('b').take(1)]).toEqual([true, true, false]);
  first.end();
  expect([budget.isSpent(), budget.lease('b').take(100)]).toEqual([false, true]);
});

it('limits the bytes of all requests of one holder together', () => {
  const budget = createByteBudget({ total: 100, each: 50 });
  expect([budget.lease('a').take(30), budget.lease('a').take(21), budget.lease('a').take(20)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([budget.isSpentBy('a'), budget.isSpentBy('b'), budget.isSpent()]).toEqual([true, false, false]);
  expect(budget.lease('b').take(50)).toBe(true);
});

it('keeps the bytes until the work on them has succeeded or failed', async () => {
  const budget = createByteBudget({ total: 10, each: 10 });
  const lease = budget.lease('a');
  lease.take(10);
  let fail: (error: Error) => void = () => undefined;
  const work = new Promise<void>((_resolve, reject) => {
    fail = reject;
  });
  const other = Promise.resolve();
  lease.keepDuring(work);
  lease.keepDuring(other);
  lease.end();
  await other;
  expect(budget.isSpent()).toBe(true);
  fail(new Error('not stored'));
  await work.catch(() => undefined);
  expect(budget.isSpent()).toBe(false);
  expect(budget.isSpentBy('a')).toBe(false);
});
