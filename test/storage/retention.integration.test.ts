import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { applyRetention } from '../../storage/retention.ts';
import type { Database } from '../../storage/database.ts';
import {
  attempts,
  bodies,
  deliveries,
  events,
  mails,
  messages,
  rejectionCounts,
  rejections,
} from '../../storage/schema.ts';
import { insertEvent, storedEvents } from '../server/stored-events.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [events, bodies, messages, mails, rejections, rejectionCounts]) await database.orm.delete(table);
});

const now = new Date('2026-06-01T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const day = 86_400_000;

async function storeEvent(
  eventId: string,
  receivedAt: Date,
  source = 'stripe',
  state: 'dispatched' | 'pending' = 'dispatched',
  nativeType = 't',
) {
  await insertEvent(database, { eventId, source, state, receivedAt, nativeType });
}

it('deletes old bodies, but keeps the events, so that redeliveries are still duplicates', async () => {
  await storeEvent('old', daysAgo(31));
  await storeEvent('new', daysAgo(29));
  await storeEvent('other source', daysAgo(31), 'xendit');
  await storeEvent('not dispatched yet', daysAgo(31), 'stripe', 'pending');
  const keeping = [
    { source: 'stripe', keepMs: 30 * day },
    { source: 'xendit', keepMs: null },
  ];
  expect(await applyRetention(database, keeping, now)).toBe(1);
  const kept = await storedEvents(database);
  expect(kept.map(({ eventId, body }) => [eventId, body !== null])).toEqual([
    ['old', false],
    ['new', true],
    ['other source', true],
    ['not dispatched yet', true],
  ]);
});

it('deletes notices after 30 days', async () => {
  await storeEvent('notice:old', daysAgo(31), 'mollie', 'dispatched', 'notice');
  await storeEvent('notice:new', daysAgo(29), 'mollie', 'dispatched', 'notice');
  await storeEvent('notice:not followed yet', daysAgo(31), 'mollie', 'pending', 'notice');
  await storeEvent('notice:another type', daysAgo(31), 'mollie');
  await storeEvent('evt_1', daysAgo(31), 'mollie', 'dispatched', 'notice');
  expect(await applyRetention(database, [], now)).toBe(1);
  const kept = await storedEvents(database);
  expect(kept.map(({ eventId }) => eventId)).toEqual([
    'notice:new',
    'notice:not followed yet',
    'notice:another type',
    'evt_1',
  ]);
});

it('keeps notices of genuine events with their bodies until the event is stored', async () => {
  await storeEvent('notice:EV1', daysAgo(31), 'gocardless', 'dispatched', 'incomplete');
  await storeEvent('EV1', daysAgo(31), 'gocardless');
  await storeEvent('notice:EV2', daysAgo(31), 'gocardless', 'dispatched', 'incomplete');
  await storeEvent('EV2', daysAgo(31), 'another source');
  await applyRetention(database, [{ source: 'gocardless', keepMs: day }], now);
  const kept = await storedEvents(database);
  expect(kept.map(({ eventId, body }) => [eventId, body !== null])).toEqual([
    ['EV1', false],
    ['notice:EV2', true],
    ['EV2', true],
  ]);
});

it('empties old forwarded requests that no delivery needs', async () => {
  await storeForwarded('delivered', 'forward.stripe.payment.succeeded', daysAgo(31), daysAgo(31));
  await storeForwarded('on its way', 'forward.stripe.payment.succeeded', daysAgo(31), null);
  await storeForwarded('new', 'forward.stripe.payment.succeeded', daysAgo(29), daysAgo(29));
  await storeForwarded('longer name', 'forward.stripe-eu.payment.succeeded', daysAgo(31), daysAgo(31));
  expect(await applyRetention(database, [{ source: 'stripe', keepMs: 30 * day }], now)).toBe(1);
  const kept = await database.orm.select().from(messages).orderBy(asc(messages.id));
  expect(kept.map(({ id, raw, headers }) => [id, raw !== null, headers !== null])).toEqual([
    ['delivered', false, false],
    ['longer name', true, true],
    ['new', true, true],
    ['on its way', true, true],
  ]);
});

async function storeForwarded(id: string, type: string, createdAt: Date, endedAt: Date | null) {
  await storeMessage(id, createdAt, endedAt);
  const request = { type, raw: Buffer.from('{}'), headers: { 'stripe-signature': 't=1,v1=abc' } };
  await database.orm.update(messages).set(request).where(eq(messages.id, id));
}

async function storeMessage(id: string, createdAt: Date, endedAt: Date | null) {
  await database.orm.insert(messages).values({ id, idempotencyKey: id, type: 'order.created', body: '{}', createdAt });
  const state = endedAt === null ? 'started' : 'delivered';
  await database.orm
    .insert(deliveries)
    .values({ id: `dlv ${id}`, message: id, endpoint: 'ep', url: 'u', state, createdAt, endedAt });
  await database.orm.insert(attempts).values({ delivery: `dlv ${id}`, number: 1, at: createdAt, durationMs: 1 });
}

it('deletes messages with their deliveries and attempts 90 days after the last delivery has ended', async () => {
  await storeMessage('ended long ago', daysAgo(100), daysAgo(91));
  await storeMessage('ended lately', daysAgo(100), daysAgo(89));
  await storeMessage('still going on', daysAgo(100), null);
  await applyRetention(database, [], now);
  expect((await database.orm.select().from(messages)).map(({ id }) => id)).toEqual(['ended lately', 'still going on']);
  expect(await database.orm.select().from(deliveries)).toHaveLength(2);
  expect(await database.orm.select().from(attempts)).toHaveLength(2);
});

it('deletes mails after 90 days', async () => {
  const mail = { recipient: 'a@b.example', subject: 's', state: 'sent' as const };
  await database.orm.insert(mails).values([
    { ...mail, id: 'old', idempotencyKey: 'old', messageId: 'old', createdAt: daysAgo(91) },
    { ...mail, id: 'new', idempotencyKey: 'new', messageId: 'new', createdAt: daysAgo(89) },
  ]);
  await applyRetention(database, [], now);
  expect((await database.orm.select().from(mails)).map(({ id }) => id)).toEqual(['new']);
});

function rejectionAt(at: Date, reason = 'wrong-signature') {
  return { at, source: 'stripe', reason, status: 401, address: '203.0.113.9', bytes: 0, headerNames: [] };
}

it('deletes samples of rejected requests after 30 days and counts after 90', async () => {
  await database.orm.insert(rejections).values([rejectionAt(daysAgo(31), 'old'), rejectionAt(daysAgo(29), 'new')]);
  await database.orm.insert(rejectionCounts).values([
    { day: '2026-03-02', source: 'stripe', reason: 'old', count: 1 },
    { day: '2026-03-03', source: 'stripe', reason: 'new', count: 1 },
  ]);
  expect(await applyRetention(database, [], now)).toBe(2);
  expect((await database.orm.select().from(rejections)).map(({ reason }) => reason)).toEqual(['new']);
  expect((await database.orm.select().from(rejectionCounts)).map(({ reason }) => reason)).toEqual(['new']);
});

it('keeps the newest 10,000 samples of rejected requests', async () => {
  const insert = `
    insert into rejections (at, source, reason, status, address, bytes, header_names)
    select $1::timestamptz, 'stripe', number::text, 401, '', 0, '{}' from generate_series(1, 10003) as number`;
  await database.run('rejections', insert, [daysAgo(1).toISOString()]);
  expect(await applyRetention(database, [], now)).toBe(3);
  const [oldest] = await database.orm.select().from(rejections).orderBy(asc(rejections.id)).limit(1);
  expect(oldest).toMatchObject({ reason: '4' });
});
