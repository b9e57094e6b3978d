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
