import { afterAll, beforeAll, expect, it } from 'vitest';
import { pathListOf } from '../../../language/correlation.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { Database } from '../../../storage/database.ts';
import type { NewWait } from '../../../storage/waits/open-waits.ts';
import { recordShapes } from '../../../storage/waits/wait-shapes.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { sampleEvent } from '../sample-event.ts';
import { interleavings, steppedProcess } from './stepped-process.ts';
import { arrive, begin, correlated, handed, stored, waitOf } from './wait-world.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

let runs = 0;

/** A run has begun, whose wait and settlement have ids of their own. `known`: whether a step like its own has waited before. */
async function beginRun(known: boolean): Promise<{ wait: NewWait; settlement: Partial<CanonicalEvent> }> {
  runs += 1;
  const payment = { ...sampleEvent().payment, id: `pi_${runs}` } as CanonicalEvent['payment'];
  await database.run('test-shapes', 'delete from wait_shapes', []);
  const ofRun = { source: `shop-${runs}`, payment };
  const wait = waitOf({
    workflowId: `run-${runs}`,
    sources: [ofRun.source],
    match: { 'event.payment.id': `pi_${runs}` },
    own: { source: ofRun.source, eventId: `own-${runs}`, live: null },
  });
  await stored(database, { ...ofRun, id: `own-${runs}`, type: 'payment.pending' });
  if (known) await recordShapes(database, [{ type: 'payment.succeeded', paths: pathListOf(wait.match) }]);
  return { wait, settlement: { ...ofRun, id: `settlement-${runs}` } };
}

/** The number of statements of the step, and of the receiver and the dispatcher. */
async function lengths(known: boolean): Promise<[number, number]> {
  const { wait, settlement } = await beginRun(known);
  const waiting = steppedProcess(database, (own) => begin(own, wait));
  const arriving = steppedProcess(database, (own) => arrive(own, settlement));
  await waiting.finish();
  await arriving.finish();
  return [waiting.count(), arriving.count()];
}

/** The ways in which the run gets the settlement after an order of statements: `found`, `handed` or both. */
async function outcomeOf(order: string, known: boolean): Promise<string> {
  const { wait, settlement } = await beginRun(known);
  let ids: string[] = [];
  const waiting = steppedProcess(database, async (own) => (ids = await begin(own, wait)));
  const arriving = steppedProcess(database, (own) => arrive(own, settlement));
  for (const turn of order) await (turn === 'a' ? waiting : arriving).step();
  await waiting.finish();
  await arriving.finish();
  return wayOf(ids, wait);
}

async function wayOf(ids: string[], wait: NewWait): Promise<string> {
  return [...ids.map(() => 'found'), ...(await handed(database, wait)).map(() => 'handed')].join(' and ');
}

/** How many orders lead to each outcome. */
async function countedOutcomes(orders: string[], outcome: (order: string) => Promise<string>) {
  const counts: Record<string, number> = {};
  for (const order of orders) {
    const how = await outcome(order);
    counts[how] = (counts[how] ?? 0) + 1;
  }
  return counts;
}

it.each([
  ['has waited before', true, [6, 4]],
  ['never waited', false, [7, 4]],
])(
  'misses no event in any order of the statements of a step and an event, if a step like it %s',
  async (_what, known, expected) => {
    expect(await lengths(known)).toEqual(expected);
    const orders = interleavings(expected[0] ?? 0, expected[1] ?? 0);
    const outcomes = await countedOutcomes(orders, (order) => outcomeOf(order, known));
    expect(Object.keys(outcomes).sort()).toEqual(['found', 'found and handed', 'handed']);
  },
);

/** Both were killed after the order's statements, and what they did is done again: the webhook is kept, and the activity is tried again. */
async function outcomeAfterKill(order: string): Promise<string> {
  const { wait, settlement } = await beginRun(true);
  const waiting = steppedProcess(database, (own) => begin(own, wait));
  let event: Awaited<ReturnType<typeof stored>> | undefined;
  const arriving = steppedProcess(database, async (own) => {
    event = await stored(own, settlement);
    await correlated(own, event);
  });
  for (const turn of order) await (turn === 'a' ? waiting : arriving).step();
  event ??= await stored(database, settlement); // It was not acknowledged, so the gateway sends it again.
  await correlated(database, event);
  return wayOf(await begin(database, wait), wait);
}

it('misses no event if the worker and the server are killed between any two statements', async () => {
  const orders = [1, 2, 3].flatMap((a) => [1, 2, 3].flatMap((b) => interleavings(a, b)));
  const outcomes = await countedOutcomes(orders, outcomeAfterKill);
  expect(Object.keys(outcomes).sort()).toEqual(['found', 'found and handed']);
});
