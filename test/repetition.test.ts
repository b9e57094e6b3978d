import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRepetition } from '../repetition.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('acts after each pause, and goes on after a failure', async () => {
  const act = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('away'));
  const failed = vi.fn();
  const repetition = createRepetition({ act, intervalMs: 1_000, failed });
  repetition.start();
  await vi.advanceTimersByTimeAsync(999);
  expect(act).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2_001);
  expect([act.mock.calls.length, failed.mock.calls]).toEqual([3, [[new Error('away')]]]);
  await repetition.stop();
});

it('waits for the round under way when it is stopped, and begins no other', async () => {
  let end = (): void => undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  const act = vi.fn(() => promise);
  const repetition = createRepetition({ act, intervalMs: 1_000, failed: () => undefined });
  repetition.start();
  await vi.advanceTimersByTimeAsync(1_000);
  const stopped = vi.fn();
  const stopping = repetition.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(stopped).not.toHaveBeenCalled();
  end();
  await stopping;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(act).toHaveBeenCalledOnce();
});
