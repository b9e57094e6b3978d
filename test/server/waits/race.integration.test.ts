import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimEvent } from '../../../storage/waits/open-waits.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { sampleEvent } from '../sample-event.ts';
import { arrive, begin, handed, stored, waitOf } from './wait-world.ts';

const [, [, openPostgres]] = bothDatabases as [unknown, (typeof bothDatabases)[number]];
let shared: SharedDatabase;
beforeAll(async () => {
  shared = await openPostgres();
});
afterAll(() => shared.close());

const races = Array.from({ length: 1_000 }, (_, number) => number);
/** Ten pairs at a time, so that each of the two has a connection. */
const atOnce = 4;

/** The wait of a run, and the event for it, which begin within 5 ms of each other on two processes. Resolves to the events that the run gets. */
async function race(number: number): Promise<string[]> {
  const [worker, server] = shared.databases;
  const payment = { ...sampleEvent().payment!, id: `pi_${number}` };
  const own = `own_${number}`;
  await stored(server, { id: own, type: 'payment.pending', payment });
  const wait = waitOf({
    workflowId: `run-${number}`,
    match: { 'event.payment.id': payment.id },
    own: { source: 'stripe', eventId: own, live: null },
  });
  const lateMs = (number % 11) - 5;
  const [found] = await Promise.all([
    pause(Math.max(0, -lateMs)).then(() => begin(worker, wait)),
    pause(Math.max(0, lateMs)).then(() => arrive(server, { id: `settlement_${number}`, payment })),
  ]);
  return [...new Set([...found, ...(await handed(server, wait))])];
}

it('misses none of 1,000 events that are stored within 5 ms of the wait for them, on PostgreSQL', async () => {
  const results: string[][] = [];
  const left = [...races];
  const next = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) results[number] = await race(number);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  expect(results).toEqual(races.map((number) => [`settlement_${number}`]));
}, 120_000);

it('lets one of two steps take an event that both of them have at once', async () => {
  const [one, other] = shared.databases;
  await stored(one, { id: 'wanted' });
  const claim = { workflowId: 'run-of-two', source: 'stripe', eventId: 'wanted' };
  const outcomes = await Promise.all([
    claimEvent(one, { ...claim, step: 'one' }),
    claimEvent(other, { ...claim, step: 'two' }),
  ]);
  expect(outcomes.sort()).toEqual(['taken', 'taken by another step']);
});
