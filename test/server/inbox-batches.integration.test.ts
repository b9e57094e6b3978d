import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createInbox } from '../../server/inbox.ts';
import type { NewBody, NewEvent } from '../../server/new-event.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { bodyOf, newEvent } from './sample-event.ts';
import { deleteEvents, storedEvents } from './stored-events.ts';

let db: Database;
/** The characters of each statement's parameters. */
let statements: number[];
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  statements = [];
  await deleteEvents(db);
});

function openInbox() {
  const database: Database = {
    ...db,
    run<Row>(name: string, sql: string, values: unknown[]) {
      if (name === 'inbox-insert') statements.push(values.map(String).join('').length);
      return db.run<Row>(name, sql, values);
    },
  };
  return createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
}

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `EV${from + index}`);
const batchOf = (eventIds: string[], body: NewBody = bodyOf('{"events":[]}')): NewEvent[] =>
  eventIds.map((id, item) => ({ ...newEvent({ id }), body, item }));
const storedBodies = () =>
  db.run('bodies', 'select count(*)::int as bodies, coalesce(sum(length(bytes)), 0)::int as bytes from bodies', []);

it.each([
  [250, 1_000_000],
  [1_000, 2_000_000],
])('stores a body of 291 kB with %i events once, in a statement of less than %i characters', async (count, most) => {
  const body = bodyOf('x'.repeat(291_000));
  const results = await openInbox().storeAll(batchOf(ids(0, count), body));
  expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(count);
  expect(await storedBodies()).toEqual([{ bodies: 1, bytes: 291_000 }]);
  expect(statements).toHaveLength(1);
  expect(statements[0]).toBeLessThan(most);
});

it('stores a small webhook in the next statement, behind a large one and before the next large one', async () => {
  const inbox = openInbox();
  const large = (id: string) => batchOf([id], bodyOf('x'.repeat(3 * 1024 * 1024)));
  await Promise.all([inbox.storeAll(large('a')), inbox.storeAll(batchOf(['small'])), inbox.storeAll(large('b'))]);
  expect(statements).toHaveLength(2);
  expect((await storedEvents(db)).map(({ eventId }) => eventId)).toEqual(['a', 'small', 'b']);
});

it('keeps one body if a batch is sent twice at once', async () => {
  const inbox = openInbox();
  const [one, other] = await Promise.all([inbox.storeAll(batchOf(ids(0, 3))), inbox.storeAll(batchOf(ids(0, 3)))]);
  expect(one.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
  expect(other.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
  expect(await storedBodies()).toEqual([{ bodies: 1, bytes: 13 }]);
});

it('keeps no body of a webhook whose events are all known', async () => {
  const inbox = openInbox();
  await inbox.storeAll(batchOf(ids(0, 3)));
  await inbox.storeAll(batchOf(ids(0, 3), bodyOf('{"events":[],"sent":"again"}')));
  expect(await storedBodies()).toEqual([{ bodies: 1, bytes: 13 }]);
});

it('stores the other half of a batch of which one half is known, with its own body', async () => {
  const inbox = openInbox();
  await inbox.storeAll(batchOf(ids(0, 2)));
  const results = await inbox.storeAll(batchOf(ids(0, 4), bodyOf('second')));
  expect(results.map(({ duplicate }) => duplicate)).toEqual([true, true, false, false]);
  expect((await storedEvents(db)).map(({ eventId, body, item }) => [eventId, body?.toString(), item])).toEqual([
    ['EV0', '{"events":[]}', 0],
    ['EV1', '{"events":[]}', 1],
    ['EV2', 'second', 2],
    ['EV3', 'second', 3],
  ]);
});

it('stores neither events nor body of a batch with an event that the database refuses', async () => {
  const inbox = openInbox();
  const body = bodyOf('{"events":[]}');
  const poison = { ...newEvent({ id: 'poison', entity: 'nul\0' }), body, item: 2 };
  await expect(inbox.storeAll([...batchOf(ids(0, 2), body), poison])).rejects.toThrow();
  expect(await storedEvents(db)).toEqual([]);
  expect(await storedBodies()).toEqual([{ bodies: 0, bytes: 0 }]);
});

it('acknowledges redeliveries, and what comes with them, before anything that nobody waits for', async () => {
  const asked: [string, boolean][] = [];
  const database: Database = {
    ...db,
    run<Row>(name: string, sql: string, values: unknown[], options: { urgent?: boolean } = {}) {
      asked.push([name, options.urgent === true]);
      return db.run<Row>(name, sql, values, options);
    },
  };
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  await inbox.storeAll(batchOf(['a']));
  await inbox.storeAll(batchOf(['a', 'b']));
  expect(asked).toEqual([
    ['inbox-insert', true],
    ['inbox-insert', true],
    ['inbox-count-duplicates', true],
  ]);
});
