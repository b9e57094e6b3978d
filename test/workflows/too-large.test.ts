import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { runDefinition } from '../simulator/run-definition.ts';

it.each([
  ['ASCII', 'x'.repeat(90_000)],
  ['text of two bytes a character', 'é'.repeat(45_000)],
])('fails a run that is too large to continue as new with %s, says so, and undoes its steps', async (_what, large) => {
  const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const sets: Step[] = Array.from({ length: 9 }, (_, index) => ({ id: `s${index}`, set: { [`v${index}`]: large } }));
  const steps = [order, ...sets];
  const whole = await runDefinition({ steps });
  expect(whole.status).toBe('completed');
  const broken = await runDefinition({ steps }, { continueEvery: 9 });
  expect(broken).toMatchObject({ status: 'failed', error: { type: 'TooLarge', step: null } });
  expect(broken.undone.map(({ path }) => path)).toEqual(['order']);
  expect(broken.error?.message).toMatch(
    /too large to continue as new: its outputs, variables and undo steps take 72\d{4} bytes/,
  );
});

/** Eight effects of which the undo steps take 720 kB together. */
const effects: Step[] = Array.from({ length: 8 }, (_, index) => ({
  id: `order${index}`,
  call: 'orders.create',
  undo: { call: 'orders.cancel', with: { note: 'x'.repeat(90_000) } },
}));
const undone = effects.map(({ id }) => id).reverse();

it('undoes everything if the run gets too large to continue as new only while it undoes', async () => {
  const broken = await runDefinition({ steps: [...effects, { id: 'bad', fail: 'no' }] }, { continueEvery: 9 });
  expect(broken).toMatchObject({ status: 'failed', error: { type: 'Failed', step: 'bad', message: 'no' } });
  expect(broken.undone.map(({ path }) => path)).toEqual(undone);
});

it('runs finally to its end if the run gets too large to continue as new there, and fails afterwards', async () => {
  const last: Step[] = ['one', 'two', 'three'].map((id) => ({ id, call: 'orders.create' }));
  const guarded: Step = { id: 'guarded', try: effects, finally: last };
  const broken = await runDefinition({ steps: [guarded, { id: 'next', set: { a: 1 } }] }, { continueEvery: 9 });
  expect(broken).toMatchObject({ status: 'failed', error: { type: 'TooLarge', step: null } });
  const statusOf = (id: string) => broken.trace.find(({ path }) => path === id)?.status;
  expect(['one', 'two', 'three', 'next'].map(statusOf)).toEqual(['done', 'done', 'done', undefined]);
  expect(broken.undone.map(({ path }) => path)).toEqual(undone);
});
