import { afterAll, beforeAll, expect, it } from 'vitest';
import { newestPositions, readFeed } from '../../../server/feed/read-feed.ts';
import type { Database } from '../../../storage/database.ts';
import { attempts, deliveries, endpoints, messages, rejections, runs } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { insertEvent } from '../stored-events.ts';
import { endpointRow } from '../../activities/outbound/endpoint-row.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const second = (number: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, number));
const times = (number: number) => second(number).toISOString();

function storeEvent(eventId: string, at = second(1)): Promise<number> {
  return insertEvent(database, {
    ...{ gateway: 'stripe', type: 'payment.succeeded', nativeType: 'charge', entity: 'pi_1', contentType: '' },
    ...{ occurredAt: at, receivedAt: at, envelope: { id: 'kept' }, body: Buffer.from('secret body') },
    ...{ eventId, source: 'stripe', state: 'dispatched', attempts: 0, lastError: null },
  });
}

const webhook = (event: string, at = 1) => ({
  ...{ at: times(at), kind: 'webhook', source: 'stripe', type: 'payment.succeeded', event },
  ...{ state: 'dispatched', reason: null },
});

it('tells of each webhook, run, delivery and rejection after a position, oldest first, without bodies and URLs', async () => {
  await storeEvent('before');
  const start = await newestPositions(database);
  const event = await storeEvent('evt_1');
  const workflowId = 'kait-1/order/stripe/evt_1';
  await database.orm
    .insert(runs)
    .values({ workflowId, event, definition: 'order', definitionHash: 'h', startedAt: second(2) });
  const url = 'https://user:pass@hooks.example:8443/secret?key=secret';
  const key = `${workflowId}/tell`;
  const endpoint = endpointRow({ id: 'end_1', url, patterns: ['*'], secret: 'whsec_secret' });
  await database.orm.insert(endpoints).values(endpoint);
  const message = { id: 'msg_1', idempotencyKey: key, type: 'order.created', body: 'secret', createdAt: second(3) };
  await database.orm.insert(messages).values(message);
  await database.orm
    .insert(deliveries)
    .values({ id: 'dlv_1', message: 'msg_1', endpoint: 'end_1', url, createdAt: second(3) });
  await database.orm
    .insert(attempts)
    .values({ delivery: 'dlv_1', number: 1, at: second(4), durationMs: 5, status: 204 });
  const rejected = { source: 'midtrans', reason: 'signature', status: 401, address: '192.0.2.1' };
  await database.orm.insert(rejections).values({ ...rejected, at: second(5), bytes: 1, headerNames: [] });

  const { numbered, positions } = await readFeed(database, start);
  expect(numbered.map(({ line }) => line)).toEqual([
    webhook('evt_1'),
    {
      ...{ at: times(2), kind: 'run', source: 'stripe', type: 'payment.succeeded', event: 'evt_1' },
      ...{ workflow: 'order', run: workflowId },
    },
    {
      ...{ at: times(4), kind: 'delivery', type: 'order.created', host: 'hooks.example:8443', status: 204 },
      ...{ error: null, attempt: 1, key },
    },
    { at: times(5), kind: 'rejection', ...rejected },
  ]);
  expect((await readFeed(database, positions)).numbered.map(({ line }) => line)).toEqual([]);
  expect((await readFeed(database, start)).numbered.map(({ line }) => line)).toEqual(numbered.map(({ line }) => line));
});

it('tells of a row that is committed after rows with higher numbers, once', async () => {
  const { events } = await newestPositions(database);
  const late = { ...(await newestPositions(database)), events: { last: events.last + 2, gaps: [] } };
  const awaiting = {
    ...late,
    events: { ...late.events, gaps: [[events.last + 1, events.last + 2, 9e12]] as [number, number, number][] },
  };
  await storeEvent('late');
  const { numbered, positions } = await readFeed(database, awaiting);
  expect(numbered.map(({ line }) => line)).toEqual([webhook('late')]);
  expect((await readFeed(database, positions)).numbered.map(({ line }) => line)).toEqual([]);
});

it('tells of a backlog in several answers, each row once', async () => {
  const start = await newestPositions(database);
  const row = { source: 'stripe', reason: 'signature', status: 401, address: '192.0.2.1', bytes: 1, headerNames: [] };
  await database.orm.insert(rejections).values(Array.from({ length: 250 }, () => ({ ...row, at: second(1) })));
  const first = await readFeed(database, start);
  const next = await readFeed(database, first.positions);
  const last = await readFeed(database, next.positions);
  const told = [first, next, last].map(({ numbered }) => numbered.length);
  expect(told).toEqual([200, 50, 0]);
});
