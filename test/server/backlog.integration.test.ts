import { asc, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { replayEvent } from '../../server/replay-event.ts';
import { createBacklog } from '../../server/backlog.ts';
import { createInbox } from '../../server/inbox.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { bodies, events, runs, starts } from '../../storage/schema.ts';
import { newEvent, sampleEvent } from './sample-event.ts';
import { deleteEvents } from './stored-events.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.orm.delete(runs);
  await db.orm.delete(starts);
  await deleteEvents(db);
});

const readData = (_gateway: string, body: Buffer) => {
  const data = JSON.parse(body.toString()) as { id: string };
  return () => data;
};
/** `claim` resolves to the events alone. */
const openBacklog = (random = 0) => {
  const backlog = createBacklog({ database: db, readData, random: () => random });
  return {
    ...backlog,
    claim: async (count: number, spread = false) => (await backlog.claim({ count, spread })).events,
  };
};

/** Stores pending events without a claim. */
async function storeUnclaimed(...ids: string[]): Promise<void> {
  const inbox = createInbox({ database: db, wantsClaim: () => false, onStored: () => undefined });
  await Promise.all(ids.map((id) => inbox.store(newEvent({ id, data: { id } }))));
}

const run = { workflowId: 'welcome/stripe/a', definition: 'welcome', definitionHash: 'abc' };
const rows = () => db.orm.select().from(events).orderBy(asc(events.id));
const claimLater = async (backlog: ReturnType<typeof openBacklog>) => {
  await expireClaims();
  return backlog.claim(1);
};
const expireClaims = () => db.orm.update(events).set({ claimedUntil: sql`now() - interval '1 second'` });

it('claims in order of arrival and reads each native body from its stored bytes', async () => {
  await storeUnclaimed('c', 'a', 'b');
  const claimed = await openBacklog().claim(2);
  expect(claimed.map(({ event }) => event)).toEqual([
    sampleEvent({ id: 'c', data: { id: 'c' } }),
    sampleEvent({ id: 'a', data: { id: 'a' } }),
  ]);
});

it('claims an event again only after its claim has expired', async () => {
  await storeUnclaimed('a');
  expect(await openBacklog().claim(10)).toHaveLength(1);
  expect(await openBacklog().claim(10)).toEqual([]);
  await expireClaims();
  expect(await openBacklog().claim(10)).toHaveLength(1);
});

it('gives claims back at once', async () => {
  await storeUnclaimed('a', 'b');
  const backlog = openBacklog();
  await backlog.giveBack(await backlog.claim(10));
  expect(await backlog.claim(10)).toHaveLength(2);
});

it('records a notice as dispatched without a run, because its gateway is being asked', async () => {
  await storeUnclaimed('notice:1', 'other');
  const backlog = openBacklog();
  const [notice, other] = await backlog.claim(2);
  await backlog.finish(notice!, { kind: 'done', runs: [], duplicates: 0, fetching: true });
  await backlog.finish(other!, { kind: 'done', runs: [], duplicates: 0 });
  expect((await rows()).map(({ state }) => state)).toEqual(['dispatched', 'ignored']);
});

it('records the runs and marks the event as dispatched', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.finish(claimed!, { kind: 'done', runs: [run], duplicates: 0 });
  expect(await rows()).toMatchObject([{ state: 'dispatched', claimedUntil: null, lastError: null }]);
  expect(await db.orm.select().from(runs)).toMatchObject([
    { workflowId: 'welcome/stripe/a', event: claimed!.rowId, definition: 'welcome', definitionHash: 'abc' },
  ]);
  expect(await backlog.size()).toBe(0);
});

it('hands an event out with the runs that it has, and counts it as dispatched if nothing else is to be started', async () => {
  await storeUnclaimed('a', 'b');
  const backlog = openBacklog();
  const [first] = await backlog.claim(2);
  await backlog.finish(first!, { kind: 'done', runs: [run], duplicates: 0 });
  await db.orm.update(events).set({ state: 'pending' });
  await expireClaims();
  const claimed = await backlog.claim(2);
  expect(claimed.map(({ runs: known }) => known)).toEqual([
    [{ workflowId: 'welcome/stripe/a', definition: 'welcome', started: true }],
    [],
  ]);
  await backlog.finish(claimed[0]!, { kind: 'done', runs: [], duplicates: 0, ignored: 'test event' });
  await backlog.finish(claimed[1]!, { kind: 'done', runs: [], duplicates: 0, ignored: 'test event' });
  expect(await rows()).toMatchObject([
    { state: 'dispatched', lastError: null },
    { state: 'ignored', lastError: 'test event' },
  ]);
});

it('knows that a start was begun until its outcome is recorded', async () => {
  await storeUnclaimed('a', 'b', 'c');
  const backlog = openBacklog();
  const [a, b, c] = await backlog.claim(3);
  await Promise.all([backlog.begin(a!), backlog.begin(b!), backlog.begin(c!), backlog.begin(c!)]);
  expect(await db.orm.$count(starts)).toBe(3);
  await backlog.finish(a!, { kind: 'done', runs: [run], duplicates: 0 });
  await backlog.suspend(b!, { reason: 'connection refused', runs: [], forMs: 1_000 });
  expect(await db.orm.select({ event: starts.event }).from(starts)).toEqual([{ event: c!.rowId }]);
});

it.each([
  ['19 hours', [null]],
  ['21 hours', [expect.stringMatching(/^\d{4}-.*Z$/)]],
])('takes a start that was begun %s ago and whose outcome is unknown for doubtful or not', async (ago, expected) => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.begin(claimed!);
  await db.run('age', `update starts set begun_at = now() - $1::interval`, [ago]);
  await expireClaims();
  expect((await backlog.claim(1)).map(({ doubtfulSince }) => doubtfulSince)).toEqual(expected);
});

it('keeps a start that a process has left behind as old as it is, however often it is repeated and fails', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [lost] = await backlog.claim(1);
  await backlog.begin(lost!);
  await db.run('age', `update starts set begun_at = '2026-01-01T00:00:00Z'`, []);
  const [again] = await claimLater(backlog);
  await backlog.begin(again!);
  await backlog.suspend(again!, { reason: 'connection refused', runs: [], forMs: 1_000 });
  const [waiting] = await claimLater(backlog);
  await backlog.finish(waiting!, { kind: 'waiting', runs: [], waitsFor: ['workflows/a.json'], reason: 'a mistake' });
  await db.orm.update(events).set({ state: 'pending' });
  const [blamed] = await claimLater(backlog);
  await backlog.begin(blamed!);
  await backlog.finish(blamed!, { kind: 'refused', runs: [], reason: 'internal error' });
  expect(await db.orm.select({ begunAt: starts.begunAt }).from(starts)).toEqual([
    { begunAt: new Date('2026-01-01T00:00:00.000Z') },
  ]);
});

it('forgets a start that a process has left behind once Temporal has recognized its repetition', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [lost] = await backlog.claim(1);
  await backlog.begin(lost!);
  const [again] = await claimLater(backlog);
  await backlog.finish(again!, { kind: 'done', runs: [run], duplicates: 1 });
  expect(await db.orm.$count(starts)).toBe(0);
});

it('records runs in doubt, so that nothing starts them unless an operator asks for them again', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  const doubtfulSince = '2026-01-01T00:00:00.000Z';
  await backlog.begin(claimed!);
  const outcome = { kind: 'refused' as const, runs: [], doubtful: [run], reason: 'Kait stopped', certain: true };
  await backlog.finish({ ...claimed!, doubtfulSince, startLeft: true }, outcome);
  expect(await rows()).toMatchObject([{ state: 'failed', lastError: 'Kait stopped' }]);
  expect(await db.orm.select().from(runs)).toMatchObject([
    { workflowId: 'welcome/stripe/a', startedAt: new Date(doubtfulSince), inDoubt: true },
  ]);
  expect(await db.orm.$count(starts)).toBe(0);
});

it('stays in doubt about an event that cannot be dispatched for another reason', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.begin(claimed!);
  const doubtful = { ...claimed!, doubtfulSince: '2026-01-01T00:00:00.000Z', startLeft: true };
  await backlog.finish(doubtful, { kind: 'refused', runs: [], reason: 'its source is gone', certain: true });
  expect(await db.orm.$count(starts)).toBe(1);
});

it('marks an event without runs as ignored', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.finish(claimed!, { kind: 'done', runs: [], duplicates: 0 });
  expect(await rows()).toMatchObject([{ state: 'ignored' }]);
});

it('keeps a refused event claimed and pending, and marks it as failed after five refusals', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const refusals: object[] = [];
  for (let refusal = 1; refusal <= 5; refusal++) {
    const [claimed] = await backlog.claim(1);
    await backlog.finish(claimed!, { kind: 'refused', runs: [], reason: `refusal ${refusal}` });
    const [row] = await rows();
    const { state, attempts, lastError } = row!;
    refusals.push({ state, attempts, lastError, claimedAtOnce: await backlog.claim(1) });
    await expireClaims();
  }
  expect(refusals).toEqual([
    { state: 'pending', attempts: 1, lastError: 'refusal 1', claimedAtOnce: [] },
    { state: 'pending', attempts: 2, lastError: 'refusal 2', claimedAtOnce: [] },
    { state: 'pending', attempts: 3, lastError: 'refusal 3', claimedAtOnce: [] },
    { state: 'pending', attempts: 4, lastError: 'refusal 4', claimedAtOnce: [] },
    { state: 'failed', attempts: 5, lastError: 'refusal 5', claimedAtOnce: [] },
  ]);
  expect(await backlog.claim(1)).toEqual([]);
});

it('marks an event as failed at once if trying again would not help, until it is replayed', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.finish(claimed!, { kind: 'refused', runs: [run], reason: 'broken: no such path', certain: true });
  expect(await rows()).toMatchObject([
    { state: 'failed', attempts: 1, claimedUntil: null, lastError: 'broken: no such path' },
  ]);
  expect(await db.orm.select().from(runs)).toMatchObject([{ workflowId: 'welcome/stripe/a' }]);
  expect(await backlog.claim(1)).toEqual([]);
  const served = { definitions: [], awaited: [] };
  expect(await replayEvent({ database: db, served }, { source: 'stripe', eventId: 'a' })).toMatchObject({
    replayed: true,
  });
  expect(await backlog.claim(1)).toMatchObject([{ event: { id: 'a' } }]);
});

it('records a run once if two processes dispatch the same event', async () => {
  await storeUnclaimed('a');
  const backlog = openBacklog();
  const [claimed] = await backlog.claim(1);
  await backlog.finish(claimed!, { kind: 'done', runs: [run], duplicates: 0 });
  await backlog.finish(claimed!, { kind: 'done', runs: [run], duplicates: 1 });
  expect(await db.orm.select().from(runs)).toHaveLength(1);
  expect(await rows()).toMatchObject([{ state: 'dispatched' }]);
});

it('claims the other events if one body cannot be read again', async () => {
  await storeUnclaimed('good', 'bad');
  const [, bad] = await rows();
  await db.orm
    .update(bodies)
    .set({ bytes: Buffer.from('{') })
    .where(eq(bodies.id, bad!.bodyId));
  const claimed = await openBacklog().claim(10);
  expect(claimed.map(({ event }) => event.id)).toEqual(['good']);
  expect((await rows())[1]).toMatchObject({ eventId: 'bad', state: 'pending', attempts: 1 });
  expect((await rows())[1]!.lastError).toContain('The stored body cannot be read');
});

it('sets an event aside for as long as it is suspended, without counting an attempt, and records the runs that exist', async () => {
  await storeUnclaimed('a', 'b');
  const backlog = openBacklog();
  const [first] = await backlog.claim(1);
  await backlog.suspend(first!, { reason: 'two\u0000faced', runs: [run], forMs: 60_000 });
  expect((await rows())[0]).toMatchObject({ state: 'pending', attempts: 0, lastError: 'two\uFFFDfaced' });
  expect(await db.orm.select().from(runs)).toMatchObject([{ workflowId: 'welcome/stripe/a' }]);
  expect(await backlog.claim(10)).toMatchObject([{ event: { id: 'b' } }]);
  await expireClaims();
  expect(await backlog.claim(10)).toMatchObject([{ event: { id: 'a' } }, { event: { id: 'b' } }]);
});

it('gives events that failed before a quarter of the places, the one that is due for longest first', async () => {
  await storeUnclaimed('p', 'q', 'r', 'a', 'b', 'c', 'd', 'e', 'f');
  await openBacklog().claim(3);
  await db.run('fail', `update events set last_error = 'strange' where event_id in ('p', 'q', 'r')`, []);
  for (const [id, seconds] of [
    ['p', 1],
    ['q', 2],
    ['r', -60],
  ] as const) {
    await db.run('due', `update events set claimed_until = now() - $1 * interval '1 second' where event_id = $2`, [
      ...[seconds, id],
    ]);
  }
  const claim = async () => (await openBacklog().claim(4)).map(({ event }) => event.id).join('');
  expect([await claim(), await claim(), await claim(), await claim()]).toEqual(['qabc', 'pdef', '', '']);
});

it('claims half of a spread batch from the end or from anywhere, so that the oldest events alone do not decide', async () => {
  await storeUnclaimed('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const fromAnywhere = await openBacklog(0.25).claim(4, true);
  expect(fromAnywhere.map(({ event }) => event.id)).toEqual(['a', 'b', 'e', 'f']);
  const fromTheEnd = await openBacklog(0.75).claim(4, true);
  expect(fromTheEnd.map(({ event }) => event.id)).toEqual(['c', 'd', 'g', 'h']);
});

it('marks an event as failed at once if its body is no longer kept', async () => {
  await storeUnclaimed('gone', 'good');
  const [gone] = await rows();
  await db.orm.delete(bodies).where(eq(bodies.id, gone!.bodyId));
  const claimed = await openBacklog().claim(10);
  expect(claimed.map(({ event }) => event.id)).toEqual(['good']);
  expect((await rows())[0]).toMatchObject({
    state: 'failed',
    lastError: 'The stored body cannot be read: it is no longer kept',
  });
});

it('says whether the inbox may hold more', async () => {
  await storeUnclaimed('a', 'b', 'c');
  const backlog = createBacklog({ database: db, readData, random: () => 0 });
  expect((await backlog.claim({ count: 2 })).more).toBe(true);
  expect((await backlog.claim({ count: 2 })).more).toBe(false);
});

it('records every outcome of a group, whatever a reason quotes and though one event is gone', async () => {
  await storeUnclaimed('a', 'b', 'c');
  const backlog = openBacklog();
  const [a, b, c] = await backlog.claim(3);
  await db.orm.delete(events).where(eq(events.eventId, 'b'));
  const outcomes = await Promise.allSettled([
    backlog.finish(a!, { kind: 'refused', runs: [], reason: 'NUL \u0000, half a pair \ud83d', certain: true }),
    backlog.finish(b!, { kind: 'done', runs: [{ ...run, workflowId: 'welcome/stripe/b' }], duplicates: 0 }),
    backlog.finish(c!, { kind: 'done', runs: [{ ...run, workflowId: 'welcome/stripe/c' }], duplicates: 0 }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await rows()).toMatchObject([
    { eventId: 'a', state: 'failed', lastError: 'NUL \uFFFD, half a pair \uFFFD' },
    { eventId: 'c', state: 'dispatched' },
  ]);
});
