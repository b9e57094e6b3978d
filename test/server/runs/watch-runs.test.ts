import { expect, it } from 'vitest';
import type { RunReading } from '../../../server/runs/read-run.ts';
import { createRunWatch } from '../../../server/runs/watch-runs.ts';

const reading = (historyLength: number, closedAt: string | null = null): RunReading => ({
  ...{ temporal: 'known', status: 'RUNNING', definition: 'order', startedAt: null, closedAt, historyLength },
  ...{ calls: [], details: null, missing: null, result: null, failure: null },
});

function watching(endsAt: number) {
  let reads = 0;
  const pauses: number[] = [];
  const runs = createRunWatch({
    readRun: async () => {
      await Promise.resolve();
      reads += 1;
      return reading(Math.min(reads, 3), reads >= endsAt ? '2026-01-01T00:00:00Z' : null);
    },
    pause: async (ms) => {
      pauses.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  return { runs, reads: () => reads, pauses };
}

async function lengths(readings: AsyncGenerator<RunReading>): Promise<number[]> {
  const all: number[] = [];
  for await (const { historyLength } of readings) all.push(historyLength);
  return all;
}

it('shares the readings of a run among all who watch it, and ends with the run', async () => {
  const { runs, reads } = watching(4);
  const watched = await Promise.all(
    Array.from({ length: 50 }, () => lengths(runs.watch('a', new AbortController().signal))),
  );
  expect(watched.every((each) => each.join() === '1,2,3,3')).toBe(true);
  expect(reads()).toBe(4);
});

it('reads a run no more when its last watcher has gone, and anew for the next one', async () => {
  const { runs, reads } = watching(1_000);
  const gone = new AbortController();
  const readings = runs.watch('a', gone.signal);
  await readings.next();
  gone.abort();
  expect(await readings.next()).toMatchObject({ done: true });
  const before = reads();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  expect(reads()).toBeLessThanOrEqual(before + 1);
  const next = runs.watch('a', new AbortController().signal);
  expect(await next.next()).toMatchObject({ done: false });
  await next.return(undefined);
});

it('reads a run less often to which nothing happens', async () => {
  const { runs, pauses } = watching(60);
  await lengths(runs.watch('a', new AbortController().signal));
  expect(pauses[0]).toBe(1_000);
  expect(pauses.at(-1)).toBe(3_000);
});
