import { afterAll, beforeAll, expect, it } from 'vitest';
import { findStuck } from '../../server/stuck.ts';
import { countStuckRuns } from '../../server/stuck-runs.ts';
import type { Database } from '../../storage/database.ts';
import { rejections } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { insertEvent } from './stored-events.ts';

let database: Database;
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

beforeAll(async () => {
  database = await openTestDatabase();
  await insertEvent(database, { eventId: 'a', state: 'failed', receivedAt: new Date('2026-01-01T00:00:00Z') });
  await insertEvent(database, { eventId: 'b', state: 'failed', receivedAt: new Date('2026-01-02T00:00:00Z') });
  for (let count = 0; count < 12; count += 1) {
    await insertEvent(database, { eventId: `q${count}`, source: 'quiet', receivedAt: ago(400 - count * 10) });
    await insertEvent(database, { eventId: `s${count}`, source: 'seldom', receivedAt: ago(4_000 - count * 300) });
    await insertEvent(database, { eventId: `n${count}`, source: 'new', receivedAt: ago(500) });
  }
  const sample = { status: 401, address: '203.0.113.9', bytes: 10, headerNames: [] };
  await database.orm.insert(rejections).values([
    { ...sample, at: ago(5), source: 'quiet', reason: 'signature' },
    { ...sample, at: ago(90), source: 'quiet', reason: 'signature' },
  ]);
});
afterAll(() => database.close());

it('counts what is stuck, with the age of the oldest', async () => {
  const { events, deliveries, approvals } = await findStuck(database, [], 100);
  expect(events.failed).toEqual({ count: 2, oldest: '2026-01-01T00:00:00.000Z' });
  expect([events.pending, deliveries.refused, approvals]).toEqual([
    { count: 0, oldest: null },
    { count: 0, oldest: null },
    { count: 0, oldest: null },
  ]);
});

it('counts no further than it is told', async () => {
  expect((await findStuck(database, [], 1)).events.failed.count).toBe(1);
});

it('finds sources that are quiet for longer than their rhythm, and no others', async () => {
  const { silent } = await findStuck(database, ['quiet', 'seldom', 'unknown'], 100);
  expect(silent).toMatchObject([{ source: 'quiet', longestPauseSeconds: 600 }]);
});

it('counts the rejected requests of the last hour', async () => {
  expect((await findStuck(database, [], 100)).rejected).toMatchObject([
    { source: 'quiet', reason: 'signature', count: 1 },
  ]);
});

it('counts runs by how they stand, and says what it does not know', async () => {
  const queries: string[] = [];
  const workflows = {
    count: (query: string) => {
      queries.push(query);
      return query.includes('Failed') ? Promise.reject(new Error('away')) : Promise.resolve({ count: 3 });
    },
  };
  const deps = { workflows, installation: 'kait-1', now: () => new Date('2026-01-08T00:00:00Z') };
  expect(await countStuckRuns({ ...deps, showsState: true })).toEqual({
    ...{ running: 3, waiting: 3, approval: 3, parked: 3, paused: 3, undoing: 3, failed: null },
  });
  expect(queries).toContain('WorkflowId STARTS_WITH "kait-1/" AND ExecutionStatus="Running" AND KaitState="parked"');
  expect(queries.at(-1)).toContain('CloseTime > "2026-01-01T00:00:00.000Z"');
  expect(await countStuckRuns({ ...deps, showsState: false })).toMatchObject({ running: 3, parked: null });
});
