import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { createWorkload } from '../../workflows/workload.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { fakeEffects } from './fake-effects.ts';

it('rests after 250 steps, and then for as long as others work as much meanwhile', async () => {
  const workload = createWorkload({ nextTask: () => Promise.resolve() });
  const rests = Array.from({ length: 251 }, () => workload.rest());
  expect(rests.map((rest) => rest === undefined).lastIndexOf(true)).toBe(249);
  await rests[250];
  expect(workload.rest()).toBeUndefined();
  workload.add(100_000);
  expect(workload.rest()).toBeInstanceOf(Promise);
});

/** How many tasks the steps take beside the first. */
async function tasksOf(steps: Step[], items: number[]): Promise<number> {
  const { effects } = fakeEffects();
  let tasks = 0;
  const nextTask = () => {
    tasks += 1;
    return Promise.resolve();
  };
  const event = sampleEvent({ data: { items } });
  const definition = { name: 'demo', on: { event: 'payment.succeeded' }, vars: { x: 0 }, steps };
  const input = { definition, definitionHash: 'hash', event, localActivities: [] };
  const interpreter = createInterpreter({ input, runId: 'demo', effects: { ...effects, nextTask }, observer: {} });
  await interpreter.execute();
  return tasks;
}

const list = (length: number) => Array.from({ length }, (_, index) => index);
const loop = (concurrency: number, set: object): Step => ({
  id: 'each',
  forEach: { in: '{{event.data.items}}', concurrency },
  do: [{ id: 'note', set: { x: set } as never }],
});

it.each([
  ['one by one', 1],
  ['a hundred at once', 100],
])('divides a loop over 10,000 items, %s, into tasks', async (_how, concurrency) => {
  expect(await tasksOf([loop(concurrency, { literal: 1 })], list(10_000))).toBeGreaterThan(60);
});

it('divides a loop of few items with expensive expressions into tasks', async () => {
  const sum = { reduce: [{ var: 'event.data.items' }, { '+': [{ var: 'accumulator' }, { var: 'current' }] }, 0] };
  expect(await tasksOf([loop(1, sum)], list(20))).toBe(0);
  expect(await tasksOf([loop(1, sum)], list(200))).toBeGreaterThan(1);
});

it('divides a loop whose results are large into tasks', async () => {
  expect(await tasksOf([loop(1, { var: 'event.data.items' })], list(200))).toBe(1);
  expect(await tasksOf([loop(1, { var: 'event.data.items' })], list(2_000))).toBeGreaterThan(15);
});
