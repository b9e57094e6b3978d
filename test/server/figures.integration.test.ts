import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFigures } from '../../server/figures.ts';
import type { FoundRuns } from '../../server/search/runs-in-state.ts';
import type { Database } from '../../storage/database.ts';
import { attempts, deliveries, events, messages, runs } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { openApi } from './api/api-fixture.ts';
import { insertEvent } from './stored-events.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const nowMs = Date.parse('2026-11-28T12:00:30.000Z');
const now = () => new Date(nowMs);
const ago = (seconds: number) => new Date(nowMs - seconds * 1_000);

const noRuns = () => Promise.resolve<FoundRuns>({ runs: [], next: null });
const read = (queryRuns = noRuns, at = now) => readFigures({ database, queryRuns, now: at });

/** The minutes that are not zero, by how long ago they are. */
function counted(perMinute: readonly (number | null)[]) {
  return perMinute.flatMap((count, index) => (count === 0 ? [] : [[59 - index, count]]));
}

it('has nothing to tell of an empty database', async () => {
  const { latency, events: flow } = await read();
  expect(latency).toEqual({ start: null, run: null, delivery: null });
  expect([flow.rate, flow.perMinute.length, counted(flow.perMinute)]).toEqual([0, 60, []]);
});

it('counts by the minute, and measures from receipt to start', async () => {
  const received = [7_200, 3_500, 100, 90, 10];
  for (const [index, seconds] of received.entries()) {
    const event = await insertEvent(database, { eventId: `evt_${index}`, receivedAt: ago(seconds) });
    const run = { event, definition: 'order', definitionHash: 'h' };
    // The oldest was run again by somebody just now.
    const startedAt = index === 0 ? ago(5) : new Date(ago(seconds).getTime() + index * 100);
    await database.orm.insert(runs).values({ ...run, workflowId: `kait-1/order/${index}`, startedAt });
  }
  await database.orm.insert(runs).values({
    ...{ event: 1, definition: 'order', definitionHash: 'h', workflowId: 'kait-1/order/to-come', startedAt: null },
  });
  const figures = await read();
  expect(counted(figures.events.perMinute)).toEqual([
    [58, 1],
    [1, 2],
    [0, 1],
  ]);
  expect(figures.events.rate).toBe(0.6);
  expect(counted(figures.runs.perMinute)).toEqual([
    [58, 1],
    [1, 2],
    [0, 2],
  ]);
  expect(figures.latency.start).toEqual({ median: 300, slow: 400, count: 4 });
});

it('counts what was delivered, and measures without what was sent again', async () => {
  await database.orm
    .insert(messages)
    .values({ id: 'msg_1', idempotencyKey: 'k', type: 'order.created', body: '{}', createdAt: ago(500) });
  const sent = [
    ['ep_1', 200, 0],
    ['ep_2', 503, 0],
    ['ep_3', 204, 1],
  ] as const;
  for (const [endpoint, status, replays] of sent) {
    const id = `dlv_${endpoint}`;
    const row = { id, message: 'msg_1', endpoint, url: 'https://a.example', createdAt: ago(130), replays };
    const isDelivered = status < 300;
    await database.orm
      .insert(deliveries)
      .values({ ...row, state: isDelivered ? 'delivered' : 'started', endedAt: isDelivered ? ago(70) : null });
    await database.orm.insert(attempts).values({ delivery: id, number: 1, at: ago(70), status, durationMs: 20 });
  }
  const figures = await read();
  expect(counted(figures.deliveries.perMinute)).toEqual([[1, 2]]);
  expect(figures.latency.delivery).toEqual({ median: 60_000, slow: 60_000, count: 1 });
});

it('measures the runs that were completed, as Temporal lists them', async () => {
  const run = { workflowId: 'w', definition: 'a', parent: null, isDetached: false };
  const took = (ms: number) => ({ ...run, startedAt: ago(60), closedAt: new Date(ago(60).getTime() + ms) });
  const asked: string[] = [];
  const figures = await read((query?: string) => {
    asked.push(query ?? '');
    return Promise.resolve<FoundRuns>({ runs: [took(400), took(200), took(300)], next: null });
  });
  expect(figures.latency.run).toEqual({ median: 300, slow: 400, count: 3 });
  expect(asked).toEqual(['ExecutionStatus="Completed" AND CloseTime > "2026-11-28T11:00:30.000Z"']);
});

it('can do without Temporal', async () => {
  const figures = await read(() => Promise.reject(new Error('away')));
  expect(figures.latency.run).toBeNull();
  expect(figures.events.rate).toBe(0.6);
});

it('says of which minutes nothing is known, if there was more than it counts', async () => {
  await database.orm.delete(runs);
  await database.orm.delete(events);
  await database.run(
    'flood',
    `insert into events (source, event_id, gateway, type, native_type, occurred_at, received_at, state, body_id)
     select 'stripe', 'flood_' || n, 'stripe', 'a.b', 'x', $1::timestamptz, $1::timestamptz - (25000 - n) * interval '30 milliseconds', 'ignored', 0
     from generate_series(1, 25000) as n`,
    [now().toISOString()],
  );
  const { events: flow } = await read();
  // The oldest minute that was looked at may be cut, too.
  expect(flow.perMinute.slice(-11)).toEqual([null, null, ...Array.from({ length: 9 }, () => 2_000)]);
  expect(flow.rate).toBe(2_000);
});

it('answers as the API says', async () => {
  const ask = openApi({ database, figures: () => read() });
  expect(await ask({ url: '/api/v1/figures' })).toMatchObject({ status: 200, body: { runs: { rate: 0 } } });
});
