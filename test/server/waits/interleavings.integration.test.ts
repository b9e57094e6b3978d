import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { interleavings, steppedProcess } from './stepped-process.ts';
import { arrive, begin, correlated, forgetAll, found, handed, stored, waitOf } from './wait-world.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => forgetAll(database));

/** A run has begun. `known`: whether a step like this one has waited before. */
async function beginRun(known: boolean): Promise<void> {
  await forgetAll(database);
  if (known) await begin(database, waitOf({ workflowId: 'kait-test/another' }));
  await stored(database, { id: 'own', type: 'payment.pending' });
}

const settlement: Partial<CanonicalEvent> = { id: 'settlement' };

/** Statements of the step, and of the receiver and the dispatcher. */
async function lengths(known: boolean): Promise<[number, number]> {
  await beginRun(known);
  const waiting = steppedProcess(database, begin);
  const arriving = steppedProcess(database, (own) => arrive(own, settlement));
  await waiting.finish();
  await arriving.finish();
  return [waiting.count(), arriving.count()];
}

/** The ways in which the run gets the settlement after an order of statements: `found`, `handed` or both. */
async function outcomeOf(order: string, known: boolean): Promise<string> {
  await beginRun(known);
  let ids: string[] = [];
  const waiting = steppedProcess(database, async (own) => (ids = await begin(own)));
  const arriving = steppedProcess(database, (own) => arrive(own, settlement));
  for (const turn of order) await (turn === 'a' ? waiting : arriving).step();
  await waiting.finish();
  await arriving.finish();
  return [...ids.map(() => 'found'), ...(await handed(database)).map(() => 'handed')].join(' and ');
}

async function countedOutcomes(orders: string[], outcome: (order: string) => Promise<string>) {
  const counts: Record<string, number> = {};
  for (const order of orders) {
    const how = await outcome(order);
    counts[how] = (counts[how] ?? 0) + 1;
  }
  return counts;
}

it.each([
  ['has waited before', true, [4, 4]],
  ['never waited', false, [7, 4]],
])(
  'misses no event in any order of the statements of a step and an event, if a step like it %s',
  async (_what, known, expected) => {
    const [a, b] = await lengths(known);
    expect([a, b]).toEqual(expected);
    const orders = interleavings(a, 4);
    const outcomes = await countedOutcomes(orders, (order) => outcomeOf(order, known));
    expect(Object.keys(outcomes).sort()).toEqual(['found', 'found and handed', 'handed']);
  },
  60_000,
);

/** Both were killed after the order's statements, and what they did is done again: the webhook is kept, and the activity is tried again. */
async function outcomeAfterKill(order: string): Promise<string> {
  await beginRun(true);
  const waiting = steppedProcess(database, begin);
  let event: Awaited<ReturnType<typeof stored>> | undefined;
  const arriving = steppedProcess(database, async (own) => {
    event = await stored(own, settlement);
    await correlated(own, event);
  });
  for (const turn of order) await (turn === 'a' ? waiting : arriving).step();
  event ??= await stored(database, settlement); // It was not acknowledged, so the gateway sends it again.
  await correlated(database, event);
  const ids = await begin(database);
  return [...ids.map(() => 'found'), ...(await handed(database)).map(() => 'handed')].join(' and ');
}

it('misses no event if the worker and the server are killed between any two statements', async () => {
  const orders = [0, 1, 2, 3, 4].flatMap((a) => [0, 1, 2, 3, 4].flatMap((b) => interleavings(a, b)));
  const outcomes = await countedOutcomes(orders, outcomeAfterKill);
  expect(Object.keys(outcomes).sort()).toEqual(['found', 'found and handed']);
  expect(await found(database)).toEqual(['settlement']);
}, 120_000);
