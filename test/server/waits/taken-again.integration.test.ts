import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWaitActivities } from '../../../activities/waits.ts';
import { mayBeAwaited } from '../../../server/ignored-because.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { arrive, stored, waitOf } from './wait-world.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const { workflowId, own, ...wait } = waitOf();
const look = { ...wait, live: null, after: null, mostBytes: 30_000 };
const large = 'x'.repeat(60_000);

/** The activities as a new worker has them. */
const activities = () =>
  createWaitActivities({
    ...{
      database,
      harmless: mayBeAwaited,
      readData: () => () => large,
      clock: () => new Date(),
      confirms: () => false,
    },
    workflowId: () => workflowId,
  });

it('gives a step that begins anew the event that it has taken, however large, and another step the next', async () => {
  await stored(database, { id: 'own', type: 'payment.pending' });
  await arrive(database, { id: 'first' });
  await arrive(database, { id: 'second' });
  await activities()['waits.claim']({ step: 'settled', source: 'stripe', eventId: 'second' });
  expect(await activities()['waits.open'](look, own)).toEqual({ events: [], after: -1, more: true });
  const again = await activities()['waits.open']({ ...look, after: -1, mostBytes: 500_000 }, own);
  expect({ ...again, events: again.events.map(({ id }) => id) }).toEqual({
    ...{ events: ['second'], after: 0, more: true, own: true },
  });
  const other = await activities()['waits.open']({ ...look, step: 'other', mostBytes: 500_000 }, own);
  expect(other.events.map(({ id }) => id)).toEqual(['first']);
});
