import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRetentionJob } from '../../storage/retention-job.ts';
import { applyRetention, type SourceRetention } from '../../storage/retention.ts';
import { createInbox } from '../../server/inbox.ts';
import { selectRelated } from '../../server/reread/stored-row.ts';
import type { Database } from '../../storage/database.ts';
import {
  attempts,
  bodies,
  deliveries,
  eventKeys,
  events,
  handovers,
  mails,
  messages,
  redeliveries,
  rejectionCounts,
  rejections,
  runs,
  starts,
  waits,
} from '../../storage/schema.ts';
import { newEvent } from '../server/sample-event.ts';
import { type EventRow, insertEvent, storedEvents } from '../server/stored-events.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [
    runs,
    starts,
    events,
    bodies,
    messages,
    mails,
    rejections,
    rejectionCounts,
    waits,
    handovers,
    eventKeys,
  ])
    await database.orm.delete(table);
});

const now = new Date('2026-06-01T00:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const day = 86_400_000;

const retain = (sources: SourceRetention[]) =>
  applyRetention(database, sources, { now, pause: () => Promise.resolve() });

async function storeEvent(
  eventId: string,
  receivedAt: Date,
  source = 'stripe',
  state: 'dispatched' | 'pending' = 'dispatched',
  nativeType = 't',
) {
  await insertEvent(database, { eventId, source, state, receivedAt, nativeType });
}

it('deletes starts of unknown outcome once their events can never be dispatched again', async () => {
  const failed = { state: 'failed' as const, receivedAt: daysAgo(1) };
  const kept = await insertEvent(database, { eventId: 'replayable', ...failed });
  const fresh = await insertEvent(database, { eventId: 'fresh', ...failed, body: null });
  const pending = await insertEvent(database, { eventId: 'pending', receivedAt: daysAgo(1), state: 'pending' });
  const bodiless = await insertEvent(database, { eventId: 'bodiless', ...failed, body: null });
  const reread = await insertEvent(database, { eventId: 'reread', ...failed, rereadAs: 'other' });
  const begunAt = daysAgo(3);
  const gone = 999_999;
  await database.orm
    .insert(starts)
    .values([
      ...[kept, pending, bodiless, reread, gone].map((event) => ({ event, begunAt })),
      { event: fresh, begunAt: daysAgo(1) },
    ]);
  expect(await retain([])).toBe(3);
  expect(await database.orm.select({ event: starts.event }).from(starts).orderBy(starts.event)).toEqual([
    { event: kept },
    { event: fresh },
    { event: pending },
  ]);
});

it('deletes waits a day after their end, what runs were given after 400 days, and the keys of an event with its details', async () => {
  const hash = Buffer.alloc(16);
  const wait = { ...{ step: 'settled', type: 't', hash, sources: ['stripe'] }, since: daysAgo(9) };
  await database.orm.insert(waits).values([
    { ...wait, workflowId: 'ended', until: daysAgo(1.1) },
    { ...wait, workflowId: 'late', until: daysAgo(0.9) },
  ]);
  await database.orm.insert(handovers).values([
    { workflowId: 'ancient', event: 1, state: 'taken', at: daysAgo(401) },
    { workflowId: 'old', event: 1, state: 'taken', at: daysAgo(399) },
  ]);
  const [old, young] = [
    await insertEvent(database, { eventId: 'old', receivedAt: daysAgo(31), body: null }),
    await insertEvent(database, { eventId: 'young', receivedAt: daysAgo(29), body: null }),
  ];
  await database.orm.insert(eventKeys).values([old, young].map((event) => ({ hash, event })));
  expect(await retain([forEvents(30)])).toBe(3);
  expect(await database.orm.select({ run: waits.workflowId }).from(waits)).toEqual([{ run: 'late' }]);
  expect(await database.orm.select({ run: handovers.workflowId }).from(handovers)).toEqual([{ run: 'old' }]);
  expect(await database.orm.select({ event: eventKeys.event }).from(eventKeys)).toEqual([{ event: young }]);
});

it('deletes old bodies, but keeps the events, so that redeliveries are still duplicates', async () => {
  await storeEvent('old', daysAgo(31));
  await storeEvent('new', daysAgo(29));
  await storeEvent('other source', daysAgo(31), 'xendit');
  await storeEvent('not dispatched yet', daysAgo(31), 'stripe', 'pending');
  const keeping = [
    { source: 'stripe', keepBodiesMs: 30 * day, keepEventsMs: null },
    { source: 'xendit', keepBodiesMs: null, keepEventsMs: null },
  ];
  expect(await retain(keeping)).toBe(1);
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
  expect(await retain([])).toBe(1);
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
  await retain([{ source: 'gocardless', keepBodiesMs: day, keepEventsMs: null }]);
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
  expect(await retain([{ source: 'stripe', keepBodiesMs: 30 * day, keepEventsMs: null }])).toBe(1);
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
  await retain([]);
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
  await retain([]);
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
  expect(await retain([])).toBe(2);
  expect((await database.orm.select().from(rejections)).map(({ reason }) => reason)).toEqual(['new']);
  expect((await database.orm.select().from(rejectionCounts)).map(({ reason }) => reason)).toEqual(['new']);
});

it('keeps the newest 10,000 samples of rejected requests', async () => {
  const insert = `
    insert into rejections (at, source, reason, status, address, bytes, header_names)
    select $1::timestamptz, 'stripe', number::text, 401, '', 0, '{}' from generate_series(1, 10003) as number`;
  await database.run('rejections', insert, [daysAgo(1).toISOString()]);
  expect(await retain([])).toBe(3);
  const [oldest] = await database.orm.select().from(rejections).orderBy(asc(rejections.id)).limit(1);
  expect(oldest).toMatchObject({ reason: '4' });
});

const keepsDetails = async () => {
  const rows = await database.orm.select().from(events).orderBy(asc(events.id));
  return rows.map(({ eventId, envelope, lastError }) => [eventId, envelope !== null, lastError]);
};
const forEvents = (days: number) => ({ source: 'stripe', keepBodiesMs: null, keepEventsMs: days * day });

it('takes the details and the body from old events that are finished, and no others', async () => {
  const envelope = { id: 'evt', payment: { customer: { email: 'ana@example.com' } } };
  const store = (eventId: string, changes: Partial<EventRow>) =>
    insertEvent(database, { eventId, envelope, receivedAt: daysAgo(31), lastError: 'why', ...changes });
  await store('dispatched', {});
  await store('failed', { state: 'failed' });
  await store('unreadable', { state: 'unreadable' });
  await store('pending', { state: 'pending' });
  await store('waiting', { state: 'waiting' });
  await store('new', { receivedAt: daysAgo(29) });
  await store('other source', { source: 'xendit' });
  await store('notice:EV1', { state: 'ignored', nativeType: 'incomplete', receivedAt: daysAgo(31) });
  await retain([forEvents(30)]);
  expect(await keepsDetails()).toEqual([
    ['dispatched', false, null],
    ['failed', false, null],
    ['unreadable', false, null],
    ['pending', true, 'why'],
    ['waiting', true, 'why'],
    ['new', true, 'why'],
    ['other source', true, 'why'],
    ['notice:EV1', true, 'why'],
  ]);
  expect((await storedEvents(database)).map(({ body }) => body !== null)).toEqual([
    ...[false, false, false],
    ...[true, true, true, true, true],
  ]);
});

it('keeps of an old event what tells a redelivery, its run, and another event about the same thing', async () => {
  const id = await insertEvent(database, {
    ...{ eventId: 'evt_1', entity: 'pi_1', duplicates: 2, receivedAt: daysAgo(31), envelope: { id: 'evt_1' } },
  });
  const run = { workflowId: 'kait-1/order/stripe/evt_1', event: id, definition: 'order', definitionHash: 'h' };
  await database.orm.insert(runs).values({ ...run, startedAt: daysAgo(31) });
  await retain([forEvents(30)]);
  const inbox = createInbox({ database, wantsClaim: () => true, onStored: () => undefined });
  const again = newEvent({ id: 'evt_1', source: 'stripe', entity: 'pi_1' });
  expect(await inbox.store(again)).toEqual({ duplicate: true });
  const [stored] = await storedEvents(database);
  expect(stored).toMatchObject({
    ...{ source: 'stripe', eventId: 'evt_1', state: 'dispatched', entity: 'pi_1', type: 'payment.succeeded' },
    ...{ duplicates: 3, receivedAt: daysAgo(31), envelope: null, body: null },
  });
  expect(await selectRelated(database, [{ source: 'stripe', entity: 'pi_1' }])).toMatchObject([
    { eventId: 'evt_1', hasRun: true, type: 'payment.succeeded', entity: 'pi_1', envelope: null },
  ]);
});

it('takes the details from more events than fit in a batch, past those that must stay, pausing after each', async () => {
  const insert = `
    insert into events (source, event_id, gateway, type, native_type, occurred_at, received_at, state, envelope, body_id)
    select 'stripe', 'evt_' || n, 'stripe', 't', 't', $1::timestamptz, $1::timestamptz,
      case when n <= 700 then 'waiting' else 'dispatched' end, '{}', 0
    from generate_series(1, 1200) as n`;
  await database.run('fill', insert, [daysAgo(31).toISOString()]);
  const pauses: number[] = [];
  const pause = (ms: number) => Promise.resolve(void pauses.push(ms));
  expect(await applyRetention(database, [forEvents(30)], { now, pause })).toBe(500);
  // Seven batches of events, and one for each of the other rules.
  expect(pauses).toHaveLength(21);
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(20);
});

it('forgets after 30 days when an event was sent again', async () => {
  await database.orm.delete(redeliveries);
  await database.orm.insert(redeliveries).values([
    { event: 1, at: daysAgo(31), times: 1, sender: '203.0.113.9' },
    { event: 2, at: daysAgo(29), times: 1, sender: null },
  ]);
  await applyRetention(database, [], { now, pause: () => Promise.resolve() });
  expect((await database.orm.select().from(redeliveries)).map(({ event }) => event)).toEqual([2]);
});

it('ends a sweep in its pause', async () => {
  await storeEvent('old', daysAgo(31));
  const pause = () => Promise.reject(new Error('stopping'));
  await expect(applyRetention(database, [forEvents(30)], { now, pause })).rejects.toThrow('stopping');
  expect(await keepsDetails()).toEqual([['old', true, null]]);
});

it('tells what each rule has removed, and when', async () => {
  await storeEvent('old', daysAgo(40));
  const log = { info: () => undefined, warn: () => undefined };
  const sources = () => [{ source: 'stripe', keepBodiesMs: 30 * day, keepEventsMs: null }];
  const job = createRetentionJob({ database, sources, log, now: () => now });
  const ofBodies = () => job.describe().rules.find(({ subject }) => subject === 'bodies');
  const kept = { keepMs: 30 * day, atMost: null, untilForgotten: false };
  const rule = { subject: 'bodies', source: 'stripe', tables: ['bodies'], ...kept };
  expect(ofBodies()).toEqual({ ...rule, lastAt: null, removed: null });
  job.start();
  await expect.poll(ofBodies).toEqual({ ...rule, lastAt: now, removed: 1 });
  await job.stop();
  expect(job.describe().problem).toBeNull();
});

it('tells why it has failed', async () => {
  const log = { info: () => undefined, warn: () => undefined };
  const broken = { ...database, run: () => Promise.reject(new Error('strange')) };
  const job = createRetentionJob({ database: broken, sources: () => [], log, now: () => now });
  job.start();
  await expect.poll(() => job.describe().problem).toBe('strange');
  await job.stop();
});
