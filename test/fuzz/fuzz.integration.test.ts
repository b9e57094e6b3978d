import { expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.ts';

it('holds against 2,000 requests, genuine, forged and broken', async () => {
  const outcome = await runFuzz({ requests: 2_000, seed: 1 }, { now: () => performance.now() });
  expect(outcome.violations).toEqual([]);
  expect(outcome.requests).toBeGreaterThanOrEqual(2_000);
  expect(outcome.stored).toBeGreaterThan(100);
  expect([...outcome.statuses.keys()]).toEqual(
    expect.arrayContaining([0, 200, 400, 401, 404, 405, 408, 413, 415, 431]),
  );
});
