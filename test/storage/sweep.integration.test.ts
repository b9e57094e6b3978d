import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyRetention } from '../../storage/retention.ts';
import { rejections } from '../../storage/schema.ts';
import { insertEvent, storedEvents } from '../server/stored-events.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';

const [, openPostgres] = bothDatabases[1]!;
let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openPostgres();
});
afterAll(() => shared.close());

const retention = { source: 'stripe', keepBodiesMs: 1_000, keepEventsMs: 1_000 };
const options = { now: new Date('2026-06-01T00:00:00Z'), pause: () => Promise.resolve() };

it('leaves a sweep to the process whose statement is under way', async () => {
  const [one, other] = shared.databases;
  await insertEvent(one, { eventId: 'old', receivedAt: new Date('2026-05-01T00:00:00Z') });
  await one.orm.transaction(async (orm) => {
    await orm.execute('select pg_advisory_xact_lock(5248002)');
    expect(await applyRetention(other, [retention], options)).toBe(0);
  });
  expect(await applyRetention(other, [retention], options)).toBe(2);
  expect((await storedEvents(one)).map(({ envelope, body }) => [envelope, body])).toEqual([[null, null]]);
});

it('applies the other rules although one fails, and rejects in the end', async () => {
  const [one] = shared.databases;
  await insertEvent(one, { eventId: 'behind', receivedAt: new Date('2026-05-01T00:00:00Z') });
  const broken: typeof one = {
    ...one,
    run: (name, sql, values) =>
      name === 'retain-bodies' ? Promise.reject(new Error('strange')) : one.run(name, sql, values),
  };
  const rejection = { at: '2026-01-01', source: 'stripe', reason: 'r', status: 401, address: 'a', bytes: 1 };
  await one.orm.insert(rejections).values({ ...rejection, at: new Date(rejection.at), headerNames: [] });
  await expect(applyRetention(broken, [retention], options)).rejects.toThrow('strange');
  expect(await one.orm.select().from(rejections)).toEqual([]);
  expect(await applyRetention(one, [retention], options)).toBe(2);
});

it('passes an event that another process is working on', async () => {
  const [one, other] = shared.databases;
  await insertEvent(one, { eventId: 'locked', receivedAt: new Date('2026-05-01T00:00:00Z') });
  await one.orm.transaction(async (orm) => {
    await orm.execute("select from events where event_id = 'locked' for update");
    expect(await applyRetention(other, [retention], options)).toBe(1); // The body.
  });
  expect(await applyRetention(other, [retention], options)).toBe(1);
});
