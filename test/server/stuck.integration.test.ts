import { afterAll, beforeAll, expect, it } from 'vitest';
import { findStuck } from '../../server/stuck.ts';
import { countStuckRuns } from '../../server/stuck-runs.ts';
import type { Database } from '../../storage/database.ts';
import { deliveries, endpoints, events, messages, rejections, rescues } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { insertEvent } from './stored-events.ts';

let database: Database;
/** One, since storing takes time. */
const begunAtMs = Date.now();
const ago = (minutes: number) => new Date(begunAtMs - minutes * 60_000);

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

it('counts deliveries by state, those of a paused endpoint included, with the age of the oldest', async () => {
  const patterns = ['order.*'];
  const secrets = { secrets: Buffer.alloc(1), secretsKey: 'k' };
  await database.orm.insert(endpoints).values([
    { ...secrets, id: 'ep_1', url: 'https://a.example', patterns, state: 'paused' },
    { ...secrets, id: 'ep_2', url: 'https://b.example', patterns },
    { ...secrets, id: 'ep_3', url: 'https://c.example', patterns },
  ]);
  const createdAt = (day: number) => new Date(Date.UTC(2026, 0, day));
  const message = { type: 'order.created', body: '{}', createdAt: createdAt(1) };
  await database.orm
    .insert(messages)
    .values([1, 2, 3].map((n) => ({ ...message, id: `msg_${n}`, idempotencyKey: `${n}` })));
  const to = (endpoint: string, n: number, day: number, more: object) => ({
    ...{ id: `dlv_${endpoint}_${n}`, message: `msg_${n}`, endpoint, url: 'https://a.example' },
    createdAt: createdAt(day),
    ...more,
  });
  await database.orm
    .insert(deliveries)
    .values([
      to('ep_1', 1, 3, { state: 'parked', parkedBecause: 'paused' }),
      to('ep_1', 2, 4, { state: 'parked', parkedBecause: 'paused' }),
      to('ep_2', 1, 2, { state: 'parked', parkedBecause: 'circuit' }),
      to('ep_2', 2, 1, { state: 'exhausted' }),
      to('ep_2', 3, 1, { state: 'delivered' }),
      to('ep_3', 1, 5, { state: 'pending' }),
    ]);
  expect((await findStuck(database, [], 100)).deliveries).toEqual({
    pending: { count: 1, oldest: '2026-01-05T00:00:00.000Z' },
    started: { count: 0, oldest: null },
    parked: { count: 3, oldest: '2026-01-02T00:00:00.000Z' },
    refused: { count: 0, oldest: null },
    exhausted: { count: 1, oldest: '2026-01-01T00:00:00.000Z' },
  });
  expect((await findStuck(database, [], 2)).deliveries.parked.count).toBe(2);
});

it('names endpoints that are disabled or fail for a while, and none that somebody has paused', async () => {
  const common = { patterns: ['*'], secrets: Buffer.alloc(1), secretsKey: 'k' };
  await database.orm.insert(endpoints).values([
    { ...common, id: 'ep_gone', url: 'https://gone.example', state: 'disabled', disabledReason: '410 Gone' },
    { ...common, id: 'ep_open', url: 'https://open.example', failingSince: ago(2), openUntil: ago(-5) },
    { ...common, id: 'ep_slow', url: 'https://slow.example', failingSince: ago(30), tenant: 'acme' },
    { ...common, id: 'ep_new', url: 'https://new.example', failingSince: ago(5) },
    { ...common, id: 'ep_paused', url: 'https://paused.example', state: 'paused', failingSince: ago(50) },
  ]);
  const own = { tenant: null, reason: null };
  expect((await findStuck(database, [], 100)).endpoints).toEqual([
    { ...own, id: 'ep_gone', url: 'https://gone.example', condition: 'disabled', reason: '410 Gone', since: null },
    {
      ...{ id: 'ep_slow', url: 'https://slow.example', condition: 'failing', reason: null, tenant: 'acme' },
      since: ago(30).toISOString(),
    },
    { ...own, id: 'ep_open', url: 'https://open.example', condition: 'open', since: ago(2).toISOString() },
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

const now = () => new Date('2026-01-08T00:00:00Z');
const run = (startedAt: string, more: object = {}) => ({
  ...{ workflowId: 'kait-1/a/b/c', definition: 'a', parent: null, isDetached: false, startedAt: new Date(startedAt) },
  closedAt: null,
  ...more,
});

it('counts runs by how they stand, with the oldest, and says what it does not know', async () => {
  const queries: string[] = [];
  const deps = {
    ...{ database, now, showsState: () => true },
    countRuns: (query: string) => {
      queries.push(query);
      return Promise.resolve(query.includes('paused') ? 0 : 3);
    },
    queryRuns: (query: string) =>
      query.includes('Failed')
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ runs: [run('2026-01-07T00:00:00Z'), run('2026-01-06T00:00:00Z')], next: null }),
  };
  const three = { count: 3, oldest: '2026-01-06T00:00:00.000Z' };
  expect(await countStuckRuns(deps)).toEqual({
    ...{ running: { count: 3, oldest: null }, waiting: three, approval: three, parked: three },
    ...{ paused: { count: 0, oldest: null }, undoing: three, failed: null },
  });
  expect(queries).toContain('ExecutionStatus="Running" AND KaitState="parked"');
  expect(await countStuckRuns({ ...deps, showsState: () => false })).toMatchObject({
    running: { count: 3 },
    parked: null,
  });
});

it('finds the oldest of many runs without reading all', async () => {
  const startedMs = Array.from({ length: 5_000 }, (_each, index) => now().getTime() - index * 600_000);
  let asked = 0;
  const deps = {
    ...{ database, now, showsState: () => true, countRuns: () => Promise.resolve(5_000) },
    queryRuns: (query: string, { size }: { size: number }) => {
      asked += 1;
      const until = Date.parse(/StartTime <= "(.*)"/.exec(query)?.[1] ?? now().toISOString());
      const matching = startedMs.filter((ms) => ms <= until);
      const runs = matching.slice(0, size).map((ms) => run(new Date(ms).toISOString()));
      return Promise.resolve({ runs, next: matching.length > size ? Buffer.from('more') : null });
    },
  };
  const { parked } = await countStuckRuns(deps);
  expect(parked).toEqual({ count: 5_000, oldest: new Date(startedMs.at(-1)!).toISOString() });
  expect(asked).toBeLessThan(5 * 13 + 10);
});

it('counts no failed runs that were retried, and of child runs only the detached ones', async () => {
  const [event] = await database.orm.select().from(events);
  const row = { event: event!.id, definition: 'a', definitionHash: 'h', number: 1 };
  await database.orm.insert(rescues).values([
    { ...row, workflowId: 'kait-1/a/b/1/kait:retry-1', retryOf: 'kait-1/a/b/1', root: 'kait-1/a/b/1' },
    {
      ...row,
      workflowId: 'kait-1/a/b/2/kait:retry-1',
      retryOf: 'kait-1/a/b/2',
      root: 'kait-1/a/b/2',
      state: 'refused',
    },
  ]);
  const failed = (id: string, closedAt: string, more: object = {}) =>
    run('2026-01-01T00:00:00Z', { workflowId: `kait-1/a/b/${id}`, closedAt: new Date(closedAt), ...more });
  const pages = [
    { runs: [failed('1', '2026-01-07T04:00:00Z'), failed('2', '2026-01-07T03:00:00Z')], next: Buffer.from('more') },
    {
      runs: [
        failed('3', '2026-01-07T02:00:00Z'),
        failed('3/pay', '2026-01-07T01:00:00Z', { parent: 'kait-1/a/b/3' }),
        failed('4/tell', '2026-01-07T03:00:00Z', { parent: 'kait-1/a/b/4', isDetached: true }),
      ],
      next: null,
    },
  ];
  const asked: string[] = [];
  const found = await countStuckRuns({
    ...{ database, now, showsState: () => false, countRuns: () => Promise.resolve(0) },
    queryRuns(query) {
      asked.push(query);
      return Promise.resolve(pages.shift()!);
    },
  });
  expect(found.failed).toEqual({ count: 3, oldest: '2026-01-07T02:00:00.000Z' });
  expect(asked[0]).toBe('ExecutionStatus IN ("Failed", "TimedOut") AND CloseTime > "2026-01-01T00:00:00.000Z"');
});
