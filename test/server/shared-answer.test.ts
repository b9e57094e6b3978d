import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { shareAnswer } from '../../server/shared-answer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const options = { limitMs: 2_000, what: 'The database' };

it('asks only once while an answer is under way, however long that takes', async () => {
  const ask = vi.fn(() => new Promise<string>((resolve) => setTimeout(() => resolve('yes'), 1_900)));
  const shared = shareAnswer(ask, options);
  const first = shared();
  await vi.advanceTimersByTimeAsync(1_800);
  const second = shared();
  await vi.advanceTimersByTimeAsync(200);
  expect(await Promise.all([first, second])).toEqual(['yes', 'yes']);
  expect(ask).toHaveBeenCalledTimes(1);
});

it('fails for all callers if the answer does not come in time, and asks again a second later', async () => {
  const ask = vi.fn(() => new Promise<string>(() => undefined));
  const shared = shareAnswer(ask, options);
  const both = Promise.allSettled([shared(), shared()]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(shared()).rejects.toThrow('The database did not answer within 2000 ms');
  expect(ask).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_000);
  void shared().catch(() => undefined);
  expect(ask).toHaveBeenCalledTimes(2);
});
