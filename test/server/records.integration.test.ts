import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addRejectionCounts, addRejectionSamples } from '../../server/receiver/rejections.ts';
import { listDeliveries } from '../../server/deliveries/list-deliveries.ts';
import { listEvents } from '../../server/records.ts';
import { listRuns } from '../../server/search/list-runs.ts';
import { showEvent } from '../../server/show-event.ts';
import type { Database } from '../../storage/database.ts';
import {
  bodies,
  deliveries,
  endpoints,
  events,
  messages,
  rejectionCounts,
  rejections,
  runs,
  type EventState,
} from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { insertEvent } from './stored-events.ts';
import { openApi, problem, statusOfTests } from './api/api-fixture.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const tables = [runs, deliveries, messages, endpoints, events, bodies, rejections, rejectionCounts];
  for (const table of tables) await database.orm.delete(table);
});

const at = new Date('2026-01-01T00:00:00Z');
const common = {
  ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
  ...{ occurredAt: at, receivedAt: at, envelope: { tenant: 'toko' }, body: Buffer.from('secret body') },
};

async function storeEvent(eventId: string, state: EventState = 'dispatched', source = 'stripe'): Promise<number> {
  const lastError = state === 'failed' ? 'no' : null;
  return insertEvent(database, { ...common, eventId, source, state, attempts: 3, lastError });
}

async function storeRun(event: number, workflowId: string, startedAt = at): Promise<void> {
  await database.orm.insert(runs).values({ workflowId, event, definition: 'order', definitionHash: 'h', startedAt });
}

const shown = {
  ...{ source: 'stripe', type: 'payment.succeeded', entity: 'pi_1', state: 'dispatched' },
  ...{ duplicates: 0, receivedAt: at, lastError: null },
};

it('lists the newest events first, without their bodies', async () => {
  for (const id of ['evt_1', 'evt_2', 'evt_3']) await storeEvent(id);
  expect(await listEvents(database, { limit: 2 })).toMatchObject([
    { ...shown, eventId: 'evt_3' },
    { ...shown, eventId: 'evt_2' },
  ]);
});

it.each([
  [{ state: 'failed' as const }, ['evt_3', 'evt_2']],
  [{ source: 'xendit' }, ['evt_3']],
  [{ state: 'failed' as const, source: 'stripe' }, ['evt_2']],
  [{ state: 'unreadable' as const }, []],
  [{ source: "' or true --" }, []],
])('lists the events of %o', async (filter, ids) => {
  await storeEvent('evt_1');
  await storeEvent('evt_2', 'failed');
  await storeEvent('evt_3', 'failed', 'xendit');
  expect((await listEvents(database, { limit: 9, ...filter })).map(({ eventId }) => eventId)).toEqual(ids);
});

it('finds an event with its envelope and runs, but not under another source', async () => {
  const event = await storeEvent('evt_1');
  await storeRun(event, 'order/stripe/evt_1');
  await storeEvent('evt_1', 'ignored', 'xendit');
  const find = (source: string) =>
    showEvent({ database, presets: new Map() }, { source, eventId: 'evt_1' }, { raw: false });
  expect(await find('stripe')).toMatchObject({
    ...{ ...shown, eventId: 'evt_1', envelope: { id: 'evt_1', tenant: 'toko' }, rereadAs: null },
    runs: [{ workflowId: 'order/stripe/evt_1', startedAt: at, inDoubt: false }],
    audit: [],
  });
  expect(await find('midtrans')).toBeNull();
});

it('lists the newest runs first, with the type and entity of their event', async () => {
  const event = await storeEvent('evt_1');
  await storeRun(event, 'a', new Date('2026-01-01T00:00:01Z'));
  await storeRun(event, 'b', new Date('2026-01-01T00:00:03Z'));
  await storeRun(event, 'c', new Date('2026-01-01T00:00:02Z'));
  const about = { definition: 'order', definitionHash: 'h', eventType: 'payment.succeeded', entity: 'pi_1' };
  expect(await listRuns(database, { limit: 2 })).toMatchObject([
    { ...about, workflowId: 'b', startedAt: new Date('2026-01-01T00:00:03Z') },
    { ...about, workflowId: 'c', startedAt: new Date('2026-01-01T00:00:02Z') },
  ]);
});

it('lists the newest deliveries first, with the type of their message', async () => {
  await storeDeliveries();
  expect(await listDeliveries(database, { limit: 1, tenant: null })).toMatchObject([
    {
      ...{ id: 'del_2', messageId: 'msg_1', type: 'order.created', url: 'https://a.example', state: 'started' },
      ...{ attempts: 0, lastStatus: null, lastError: null, createdAt: new Date('2026-01-01T00:00:01Z') },
    },
  ]);
});

async function storeDeliveries(): Promise<void> {
  const message = { id: 'msg_1', idempotencyKey: 'k', type: 'order.created', body: '{}', createdAt: at };
  await database.orm.insert(messages).values(message);
  for (const number of [1, 2]) {
    const endpoint = `ep_${number}`;
    await database.orm.insert(deliveries).values({
      ...{ id: `del_${number}`, message: 'msg_1', endpoint, url: 'https://a.example', state: 'started' },
      createdAt: new Date(at.getTime() + (number - 1) * 1_000),
    });
  }
}

it('serves the routes of the API', async () => {
  const woken: string[] = [];
  const ask = openApi({
    database,
    lookAtRun: (workflowId) =>
      Promise.resolve(
        workflowId === 'a' ? { status: 'RUNNING', state: 'parked', step: 'tell', why: null, startedAt: null } : null,
      ),
    wakeDispatcher: () => woken.push('woken'),
    about: () => Promise.resolve(statusOfTests),
  });
  const event = await storeEvent('evt_1', 'failed');
  await storeRun(event, 'a');
  await storeRun(event, 'b');
  await storeDeliveries();
  expect(await ask({ url: '/api/v1/status' })).toEqual({ status: 200, body: statusOfTests });
  expect(await ask({ url: '/api/v1/events?limit=500&state=failed&source=stripe' })).toMatchObject({
    status: 200,
    body: { items: [{ eventId: 'evt_1', lastError: 'no', receivedAt: '2026-01-01T00:00:00.000Z' }], next: null },
  });
  expect(await ask({ url: '/api/v1/events/stripe/evt_1' })).toMatchObject({
    status: 200,
    body: { eventId: 'evt_1', runs: [{ workflowId: 'a' }, { workflowId: 'b' }], audit: [] },
  });
  expect(await ask({ url: '/api/v1/events/stripe/evt_2' })).toEqual({
    status: 404,
    body: problem(404, 'not-found', 'There is no such event.'),
  });
  expect(await ask({ url: '/api/v1/runs' })).toMatchObject({
    status: 200,
    body: {
      items: [
        { workflowId: 'b', status: 'Unknown', state: 'unknown' },
        { workflowId: 'a', status: 'RUNNING', state: 'parked', step: 'tell' },
      ],
      next: null,
    },
  });
  expect(await ask({ url: '/api/v1/deliveries?limit=1' })).toMatchObject({
    status: 200,
    body: { items: [{ id: 'del_2' }] },
  });
  const replayed = await ask({
    method: 'POST',
    url: '/api/v1/events/stripe/evt_1/replay',
  });
  const body = { replayed: true, why: null, runs: ['a', 'b'], inDoubt: [], offeredTo: [] };
  expect([replayed, woken]).toEqual([{ status: 200, body }, ['woken']]);
});

it('serves the rejections of a source and reason', async () => {
  const ask = openApi({ database });
  const sample = { source: 'stripe', status: 401, address: '203.0.113.9', bytes: 9, headerNames: ['host', 'x-a'] };
  const [row] = await database.run<{ day: string }>('day', `select (now() at time zone 'utc')::date::text as day`, []);
  await addRejectionSamples(database, [{ ...sample, at, reason: 'address' }]);
  await addRejectionCounts(database, [{ day: row!.day, source: 'stripe', reason: 'address', count: 3 }]);
  expect(await ask({ url: '/api/v1/rejections?limit=5&source=stripe&reason=address' })).toEqual({
    status: 200,
    body: {
      lastHour: [],
      counts: [
        {
          source: 'stripe',
          reason: 'address',
          hint: expect.stringContaining('`allowFrom`') as string,
          count: 3,
          lastDay: row!.day,
        },
      ],
      items: [{ ...sample, at: '2026-01-01T00:00:00.000Z', reason: 'address' }],
      next: null,
      secretFaults: [],
    },
  });
  expect(await ask({ url: '/api/v1/rejections?source=xendit' })).toEqual({
    status: 200,
    body: { lastHour: [], counts: [], items: [], next: null, secretFaults: [] },
  });
});

it('serves what was rejected in the last hour, the latest first', async () => {
  const now = Date.now();
  const sample = { status: 401, address: '203.0.113.9', bytes: 9, headerNames: [] };
  const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000);
  await addRejectionSamples(database, [
    { ...sample, source: 'stripe', reason: 'wrong-signature', at: minutesAgo(59) },
    { ...sample, source: 'stripe', reason: 'wrong-signature', at: minutesAgo(2) },
    { ...sample, source: 'stripe', reason: 'wrong-signature', at: minutesAgo(61) },
    { ...sample, source: 'xendit', reason: 'wrong-token', at: minutesAgo(1) },
    { ...sample, source: 'xendit', reason: 'address', at: minutesAgo(90) },
  ]);
  const { body } = await openApi({ database })({ url: '/api/v1/rejections' });
  expect((body as { lastHour: unknown }).lastHour).toEqual([
    { source: 'xendit', reason: 'wrong-token', samples: 1, lastAt: minutesAgo(1).toISOString() },
    { source: 'stripe', reason: 'wrong-signature', samples: 2, lastAt: minutesAgo(2).toISOString() },
  ]);
});

it('serves the metrics in the format of Prometheus', async () => {
  expect(await openApi({ database })({ url: '/metrics' })).toMatchObject({
    status: 200,
    body: expect.stringContaining('kait_backlog_events 0\n') as unknown,
  });
});
