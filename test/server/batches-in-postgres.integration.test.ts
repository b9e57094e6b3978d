import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInbox } from '../../server/inbox.ts';
import type { NewEvent } from '../../server/new-event.ts';
import { sqlStateOf } from '../../storage/sql-state.ts';
import type { Database } from '../../storage/database.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { bodyOf, newEvent } from './sample-event.ts';
import { deleteEvents, storedEvents } from './stored-events.ts';

const [, openPostgres] = bothDatabases[1]!;
let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openPostgres();
});
afterAll(() => shared.close());

const openInbox = (database: Database) => createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
function batchOf(eventIds: string[], body = bodyOf('{"events":[]}')): NewEvent[] {
  return eventIds.map((id, item) => ({ ...newEvent({ id }), body, item }));
}
const ids = (count: number) => Array.from({ length: count }, (_, index) => `EV${1000 + index}`);

it('stores 1,000 events of a body of 291 kB in less than 3 MB, and another webhook meanwhile', async () => {
  const [database] = shared.databases;
  const inbox = openInbox(database);
  const text = Array.from({ length: 291_000 }, (_, index) => String.fromCharCode(33 + ((index * 7919) % 89))).join('');
  const order: string[] = [];
  const large = inbox.storeAll(batchOf(ids(1_000), bodyOf(text))).then(() => order.push('large'));
  await Promise.resolve();
  const small = inbox.store(newEvent({ id: 'small' })).then(() => order.push('small'));
  await Promise.all([large, small]);
  expect([...order].sort()).toEqual(['large', 'small']);
  const [size] = await database.run<{ events: number; bodies: number; bytes: string }>(
    'size',
    `select (select count(*)::int from events) as events, (select count(*)::int from bodies) as bodies,
       pg_total_relation_size('events') + pg_total_relation_size('bodies') as bytes`,
    [],
  );
  expect(size).toMatchObject({ events: 1_001, bodies: 2 });
  expect(Number(size!.bytes)).toBeLessThan(3_000_000);
});

it('stores each event of two batches once if they hold the same events in opposite order', async () => {
  const [one, other] = shared.databases;
  await deleteEvents(one);
  const states: (string | undefined)[] = [];
  const watched: Database = {
    ...other,
    run: <Row>(name: string, sql: string, values: unknown[]) =>
      other.run<Row>(name, sql, values).catch((error: unknown) => {
        states.push(sqlStateOf(error));
        throw error;
      }),
  };
  const all = ids(1_000);
  const results = await Promise.all([
    openInbox(one).storeAll(batchOf(all)),
    openInbox(watched).storeAll(batchOf([...all].reverse())),
  ]);
  expect(results.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(1_000);
  expect(await storedEvents(one)).toHaveLength(1_000);
  expect(states.filter((state) => state !== '40P01')).toEqual([]);
});

it('stores a batch in the end if its statement was a deadlock’s victim', async () => {
  const [database] = shared.databases;
  await deleteEvents(database);
  let victims = 2;
  const failing: Database = {
    ...database,
    run<Row>(name: string, sql: string, values: unknown[]): Promise<Row[]> {
      victims -= 1;
      if (victims >= 0) return Promise.reject(Object.assign(new Error('deadlock detected'), { code: '40P01' }));
      return database.run<Row>(name, sql, values);
    },
  };
  const results = await openInbox(failing).storeAll(batchOf(ids(3)));
  expect(results.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
});
