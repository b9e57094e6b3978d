import { expect, it } from 'vitest';
import { z } from 'zod';
import { createCatalogue } from '../../activities/catalogue.ts';
import type { ActivityTypes } from '../../language/check.ts';
import { createMadeUpOutput } from '../../simulator/unmocked-activities.ts';

const everything: ActivityTypes = createCatalogue().all;

it.each(Object.keys(everything))('an answer of %s has the shape that the real one has', (activity) => {
  const answer = createMadeUpOutput(everything)({ activity, path: 'step', input: {} });
  expect(everything[activity]!.output.safeParse(answer).error).toBeUndefined();
});

it('copies inputs of the same name, and makes ids from the path', () => {
  const madeUp = createMadeUpOutput(everything);
  const input = { orderId: 'ord_1', amount: 125_000, currency: 'IDR' };
  expect(madeUp({ activity: 'cashback.grant', path: 'grant/3', input })).toEqual({ id: 'grant/3-id', amount: 125_000 });
  expect(madeUp({ activity: 'orders.cancel', path: 'a', input })).toEqual({ id: 'a-id', status: 'canceled' });
});

it.each([
  [{}, 200],
  [{ expect: [404, 200] }, 404],
  [{ expect: [] }, 200],
])('answers an HTTP request that expects %j with %d', (input, status) => {
  expect(createMadeUpOutput({})({ activity: 'http.request', path: 'ask', input })).toEqual({
    status,
    body: {},
    headers: {},
  });
});

it('makes up every kind of value', () => {
  const output = z.strictObject({
    list: z.array(z.string()),
    given: z.array(z.string()),
    choice: z.enum(['first', 'second']),
    maybe: z.string().nullable(),
    either: z.union([z.int(), z.string()]),
    nested: z.strictObject({ flag: z.boolean(), ratio: z.number() }),
    anything: z.json(),
  });
  const madeUp = createMadeUpOutput({ all: { input: z.object({}), output } });
  expect(madeUp({ activity: 'all', path: 'a', input: { given: ['x'], ratio: 0.5, flag: 'no' } })).toEqual({
    list: [],
    given: ['x'],
    choice: 'first',
    maybe: 'a-maybe',
    either: 1,
    nested: { flag: true, ratio: 0.5 },
    anything: null,
  });
});

it('knows nothing of an activity that is not there', () => {
  expect(createMadeUpOutput({})({ activity: 'constructor', path: 'a', input: {} })).toBeNull();
});
