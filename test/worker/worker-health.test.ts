import { expect, it, vi } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { createWorkerHealth } from '../../worker/worker-health.ts';

const definitions = () => ({ from: 'published', set: { id: 7 }, problem: 'It has no activity points.add.' });

function health(reachable: boolean, polling: boolean) {
  const database: Pick<Database, 'ping'> = {
    ping: () => (reachable ? Promise.resolve() : Promise.reject(new Error('connection refused'))),
  };
  return createWorkerHealth({ database, isRunning: () => polling, definitions }).inject('/healthz');
}

it.each([
  [true, true, 200, { status: 'ok', polling: true, database: true }],
  [false, true, 503, { status: 'unavailable', polling: true, database: false }],
  [true, false, 503, { status: 'unavailable', polling: false, database: true }],
])('answers by the database (%s) and the polling (%s)', async (reachable, polling, status, body) => {
  const answer = await health(reachable, polling);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject(body);
});

it('says which set it serves, and whether it could serve the newest', async () => {
  expect((await health(true, true)).json()).toEqual({
    ...{ status: 'ok', polling: true, database: true },
    definitions: { from: 'published', set: 7, upToDate: false },
  });
});

it('asks the database once for a thousand requests at once', async () => {
  const ping = vi.fn(() => Promise.resolve());
  const app = createWorkerHealth({ database: { ping }, isRunning: () => true, definitions });
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => app.inject('/healthz')));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(ping).toHaveBeenCalledTimes(1);
});
