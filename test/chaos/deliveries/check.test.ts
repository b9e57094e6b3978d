import { expect, it } from 'vitest';
import { checkDeliveryFacts, repeatsOf } from './check.ts';
import type { ArrivedDelivery, DeliveryFacts, RecordedDelivery } from './facts.ts';

const recorded: RecordedDelivery = {
  ...{ endpoint: 'ep', reference: 'r1', webhookId: 'msg_1', state: 'delivered', recordedSuccesses: 1 },
};
const came: ArrivedDelivery = { endpoint: 'ep', reference: 'r1', webhookId: 'msg_1', verified: true, atMs: 10_000 };
const good: DeliveryFacts = {
  ...{ endpoints: ['ep'], references: ['r1'], kills: [], outages: [], unaskedExits: [], openActivities: [] },
  ...{ deliveries: [recorded], arrived: [came] },
};
const again = { ...came, atMs: 20_000 };

it('finds nothing wrong with one delivery that has arrived once', () => {
  expect(checkDeliveryFacts(good)).toEqual([]);
});

it.each<[string, Partial<DeliveryFacts>, RegExp]>([
  ['that nothing was recorded', { deliveries: [] }, /delivery on record/],
  ['that it was recorded twice', { deliveries: [recorded, recorded] }, /delivery on record/],
  ['that it is stuck', { deliveries: [{ ...recorded, state: 'parked' }] }, /left parked/],
  ['that its success is not on record', { deliveries: [{ ...recorded, recordedSuccesses: 0 }] }, /0 successful/],
  ['that two successes are', { deliveries: [{ ...recorded, recordedSuccesses: 2 }] }, /2 successful/],
  ['that nothing has arrived', { arrived: [] }, /delivery at the endpoint/],
  ['another id', { arrived: [{ ...came, webhookId: 'msg_2' }] }, /arrived as msg_2/],
  ['a wrong signature', { arrived: [{ ...came, verified: false }] }, /signature is wrong/],
  ['that it has arrived again', { arrived: [came, again] }, /arrived again/],
  ['that Temporal still works on it', { openActivities: ['dlv_1'] }, /still open/],
  [
    'that a process ended by itself',
    { unaskedExits: [{ victim: 'worker', how: 'code 1', output: 'oh' }] },
    /worker ended by itself with code 1/,
  ],
])('finds %s', (_name, wrong, text) => {
  expect(checkDeliveryFacts({ ...good, ...wrong }).join('\n')).toMatch(text);
});

it.each<[string, Partial<DeliveryFacts>, number]>([
  ['a kill of the worker before the record', { kills: [{ victim: 'worker', atMs: 11_000 }] }, 0],
  ['an outage of the database before the record', { outages: [{ fromMs: 11_000, toMs: 15_000 }] }, 0],
  ['an outage during the answer', { outages: [{ fromMs: 5_000, toMs: 15_000 }] }, 0],
  ['a kill of the server', { kills: [{ victim: 'server', atMs: 11_000 }] }, 1],
  ['a kill long after it', { kills: [{ victim: 'worker', atMs: 13_000 }] }, 1],
  ['a kill before it', { kills: [{ victim: 'worker', atMs: 9_000 }] }, 1],
  ['an outage before it', { outages: [{ fromMs: 1_000, toMs: 9_000 }] }, 1],
])('lets a repeat be excused, or not, by %s', (_name, facts, violations) => {
  expect(checkDeliveryFacts({ ...good, arrived: [came, again], ...facts })).toHaveLength(violations);
});

it('counts repeats for each endpoint and reference', () => {
  const other = { ...came, endpoint: 'other' };
  expect(repeatsOf([again, came, other])).toEqual([[came, again]]);
});
