import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { countRejections, listRejections } from '../../../server/records.ts';
import { addRejectionCounts, addRejectionSamples } from '../../../server/receiver/rejections.ts';
import type { Database } from '../../../storage/database.ts';
import { rejectionCounts, rejections } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';

let database: Database;
/** By the database's clock, which the list uses too. */
let dayBefore: (days: number) => string;

beforeAll(async () => {
  database = await openTestDatabase();
  const [row] = await database.run<{ today: string }>(
    'today',
    `select (now() at time zone 'utc')::date::text as today`,
    [],
  );
  dayBefore = (days) => new Date(Date.parse(row!.today) - days * 86_400_000).toISOString().slice(0, 10);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.orm.delete(rejections);
  await database.orm.delete(rejectionCounts);
});

const sample = { source: 'stripe', status: 401, address: '203.0.113.9', bytes: 9, headerNames: ['host', 'x-a'] };

it('adds to the existing counts, also from two processes at once', async () => {
  const counts = (times: number) => [
    { day: dayBefore(0), source: 'stripe', reason: 'wrong-signature', count: times },
    { day: dayBefore(0), source: 'stripe', reason: 'missing-signature', count: 1 },
  ];
  await addRejectionCounts(database, counts(2));
  await Promise.all([addRejectionCounts(database, counts(3)), addRejectionCounts(database, counts(4))]);
  await addRejectionCounts(database, []);
  expect(await countRejections(database, {})).toEqual([
    { source: 'stripe', reason: 'wrong-signature', count: 9, lastDay: dayBefore(0) },
    { source: 'stripe', reason: 'missing-signature', count: 3, lastDay: dayBefore(0) },
  ]);
});

it('shows the counts of the last seven days, including today', async () => {
  const count = (days: number) => ({ day: dayBefore(days), source: 'stripe', reason: 'address', count: 1 });
  await addRejectionCounts(database, [count(7), count(6), count(1)]);
  expect(await countRejections(database, {})).toEqual([
    { source: 'stripe', reason: 'address', count: 2, lastDay: dayBefore(1) },
  ]);
});

it('shows the newest samples first, filtered by source and reason', async () => {
  const at = new Date('2026-01-01T00:00:00Z');
  await addRejectionSamples(database, []);
  await addRejectionSamples(database, [
    { ...sample, at, reason: 'wrong-signature' },
    { ...sample, at, reason: 'missing-signature' },
    { ...sample, at, reason: 'not-found', source: 'unknown' },
  ]);
  await addRejectionCounts(database, [{ day: dayBefore(0), source: 'unknown', reason: 'not-found', count: 1 }]);
  const reasons = async (filter: { limit: number; source?: string; reason?: string }) =>
    (await listRejections(database, filter)).map(({ reason }) => reason);
  expect(await reasons({ limit: 2 })).toEqual(['not-found', 'missing-signature']);
  expect(await reasons({ limit: 9, source: 'stripe' })).toEqual(['missing-signature', 'wrong-signature']);
  expect(await reasons({ limit: 9, reason: 'wrong-signature' })).toEqual(['wrong-signature']);
  const filter = { source: 'stripe', reason: 'wrong-signature' };
  expect(await countRejections(database, filter)).toEqual([]);
  expect(await listRejections(database, { limit: 9, ...filter })).toMatchObject([
    { ...sample, at, reason: 'wrong-signature' },
  ]);
});

it('has a key that keeps one row for each day, source and reason', async () => {
  const row = { day: dayBefore(0), source: 'stripe', reason: 'address', count: 1 };
  for (let times = 0; times < 3; times++) await addRejectionCounts(database, [row]);
  const [counted] = await database.run<{ rows: number }>(
    'rows',
    'select count(*)::int as rows from rejection_counts',
    [],
  );
  expect(counted).toEqual({ rows: 1 });
});
