import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createInbox } from '../../server/inbox.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { events } from '../../storage/schema.ts';
import { bodyOf, newEvent } from './sample-event.ts';
import { deleteEvents, storedEvents } from './stored-events.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await deleteEvents(db);
});

function openInbox(wantsClaim = () => true) {
  const handedOver: [number, string][] = [];
  const inbox = createInbox({
    database: db,
    wantsClaim,
    onStored: (rowId, event) => handedOver.push([rowId, event.id]),
  });
  return { inbox, handedOver };
}

const stored = () => storedEvents(db);

it('stores the unchanged bytes and the envelope, and hands the event over', async () => {
  const { inbox, handedOver } = openInbox();
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
  const result = await inbox.store({ ...newEvent(), body: { ...bodyOf(''), bytes } });
  const [row] = await stored();
  expect(result).toEqual({ duplicate: false, rowId: row!.id, claimed: true });
  expect(row!.body).toEqual(bytes);
  expect(row).toMatchObject({ source: 'stripe', eventId: 'evt_1', state: 'pending', duplicates: 0, item: 0 });
  expect(row!.envelope).toMatchObject({ id: 'evt_1', payment: { amount: 2_500_000, currency: 'IDR' } });
  expect(row!.envelope).not.toHaveProperty('data');
  expect(handedOver).toEqual([[row!.id, 'evt_1']]);
});

it('hands each event of a batch over with its share of the body, and none whose body is stored already', async () => {
  const shares: [string, number][] = [];
  const inbox = createInbox({
    database: db,
    wantsClaim: () => true,
    onStored: (_rowId, event, bytes) => shares.push([event.id, bytes]),
  });
  const body = bodyOf('x'.repeat(1_000));
  await inbox.storeAll(['a', 'b', 'c'].map((id) => ({ ...newEvent({ id }), body })));
  const [row] = await stored();
  const later = await inbox.store({ ...newEvent({ id: 'd' }), body: { storedAs: row!.bodyId } });
  expect(later).toMatchObject({ duplicate: false, claimed: false });
  expect(shares).toEqual([
    ['a', 334],
    ['b', 334],
    ['c', 334],
  ]);
});

it('stores the kept headers, or null if there are none', async () => {
  const { inbox } = openInbox();
  const headers = { 'stripe-signature': 't=1,v1="a\\"', 'x-note': 'caf\u00e9' };
  await inbox.store({ ...newEvent(), body: { ...bodyOf('{}'), headers } });
  await inbox.store(newEvent({ id: 'evt_2' }));
  expect((await stored()).map((row) => row.headers)).toEqual([headers, null]);
});

it('stores five parallel copies of an event once and counts the other four', async () => {
  const { inbox, handedOver } = openInbox();
  const results = await Promise.all(Array.from({ length: 5 }, () => inbox.store(newEvent())));
  expect(results.map(({ duplicate }) => duplicate)).toEqual([false, true, true, true, true]);
  expect(handedOver).toHaveLength(1);
  expect((await stored()).map(({ duplicates }) => duplicates)).toEqual([4]);
});

it('recognizes a redelivery in a later group', async () => {
  const { inbox, handedOver } = openInbox();
  await inbox.store(newEvent());
  expect(await inbox.store(newEvent())).toEqual({ duplicate: true });
  expect(handedOver).toHaveLength(1);
  expect((await stored()).map(({ duplicates }) => duplicates)).toEqual([1]);
});

it('stores the same event id once for each source', async () => {
  const { inbox } = openInbox();
  await Promise.all([inbox.store(newEvent()), inbox.store(newEvent({ source: 'stripe-eu' }))]);
  expect((await stored()).map(({ source }) => source)).toEqual(['stripe', 'stripe-eu']);
});

it('numbers the events of a group in order of arrival', async () => {
  const { inbox } = openInbox();
  await Promise.all(['c', 'a', 'b'].map((id) => inbox.store(newEvent({ id }))));
  expect((await stored()).map(({ eventId }) => eventId)).toEqual(['c', 'a', 'b']);
});

it('stores an event without a claim if the dispatcher has no room', async () => {
  const { inbox, handedOver } = openInbox(() => false);
  const result = await inbox.store(newEvent());
  expect(result).toMatchObject({ duplicate: false, claimed: false });
  expect(handedOver).toEqual([]);
  expect((await stored())[0]!.claimedUntil).toBeNull();
});

it('does not hand over unreadable events', async () => {
  const { inbox, handedOver } = openInbox();
  await inbox.store({ ...newEvent(), state: 'unreadable', lastError: 'not JSON' });
  expect(handedOver).toEqual([]);
  expect((await stored())[0]).toMatchObject({ state: 'unreadable', lastError: 'not JSON' });
});

it('stores the rest of a group if the database refuses one row', async () => {
  const { inbox } = openInbox();
  const results = await Promise.allSettled(
    [newEvent({ id: 'before' }), newEvent({ id: 'poison', entity: 'nul\0' }), newEvent({ id: 'after' })].map((entry) =>
      inbox.store(entry),
    ),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((await stored()).map(({ eventId }) => eventId)).toEqual(['before', 'after']);
});

it('claims for half a minute, so that a crash before the hand-over delays an event without losing it', async () => {
  const { inbox } = openInbox();
  await inbox.store(newEvent());
  const rows = await db.run<{ seconds: string }>(
    'claim-length',
    `select extract(epoch from claimed_until - now()) as seconds from events`,
    [],
  );
  expect(Number(rows[0]!.seconds)).toBeGreaterThan(25);
  expect(Number(rows[0]!.seconds)).toBeLessThanOrEqual(30);
  expect(await db.orm.select().from(events).where(eq(events.state, 'pending'))).toHaveLength(1);
});
