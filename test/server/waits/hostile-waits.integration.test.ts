import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../storage/database.ts';
import { claimEvent } from '../../../storage/waits/open-waits.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { sampleEvent } from '../sample-event.ts';
import { arrive, begin, handed, stored, waitOf } from './wait-world.ts';

const [, [, openPostgres]] = bothDatabases as [unknown, (typeof bothDatabases)[number]];
let shared: SharedDatabase;
let database: Database;
beforeAll(async () => {
  shared = await openPostgres();
  [database] = shared.databases;
});
afterAll(() => shared.close());

const payment = (id: string) => ({ ...sampleEvent().payment!, id });

it.each([
  ['a text of 100,000 characters', 'x'.repeat(100_000), 'x'.repeat(100_000)],
  ['letters beyond the basic plane', 'pembayaran-💳-ไทย', 'pembayaran-💳-ไทย'],
  ['quotes, braces and a backslash', `'"{}\\$1`, `'"{}\\$1`],
  ['a number in a text', 1001, '1001'],
  ['a number with a fraction of zero', 2002, '2002.0'],
])('finds and hands over an event that matches %s', async (what, wanted, coming) => {
  const own = `own ${what}`;
  await stored(database, { id: own, type: 'payment.pending' });
  const wait = waitOf({
    workflowId: `run ${what}`,
    match: { 'event.payment.id': wanted },
    own: { source: 'stripe', eventId: own, live: null },
  });
  await arrive(database, { id: `before ${what}`, payment: payment(coming) });
  expect(await begin(database, wait)).toEqual([`before ${what}`]);
  await arrive(database, { id: `after ${what}`, payment: payment(coming) });
  expect(await handed(database, wait)).toEqual([`after ${what}`]);
});

it('takes an event that somebody sent by hand under an id that no database can hold', async () => {
  const claim = { workflowId: 'run', step: 'settled', source: 'stripe', eventId: 'a\0b' };
  expect(await claimEvent(database, claim)).toBe('not stored');
});

it('stores an event once that two requests bring at the same moment, and hands it over once', async () => {
  await stored(database, { id: 'own', type: 'payment.pending' });
  const wait = waitOf({ workflowId: 'run of twins', match: { 'event.payment.id': 'pi_twins' } });
  await begin(database, wait);
  const [one, other] = shared.databases;
  const outcomes = await Promise.allSettled(
    [one, other].map((each) => arrive(each, { id: 'twin', payment: payment('pi_twins') })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await handed(database, wait)).toEqual(['twin']);
});
