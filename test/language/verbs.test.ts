import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { briefOf, guardOf, methodOf, undoStepOf } from '../../language/verbs.ts';

it.each([
  [{}, 'GET'],
  [{ body: null }, 'POST'],
  [{ body: { id: 1 } }, 'POST'],
  [{ method: 'DELETE' }, 'DELETE'],
  [{ method: 'PUT', body: 'text' }, 'PUT'],
] as const)('a request of %j is a %s', (request, method) => {
  expect(methodOf(request)).toBe(method);
});

it.each<[Step, string]>([
  [{ id: 'a', call: 'orders.create' }, 'call orders.create'],
  [{ id: 'a', http: 'https://x.example', body: {} }, 'http POST https://x.example'],
  [{ id: 'a', do: [] }, 'do'],
])('%j is %s in brief', (step, brief) => {
  expect(briefOf(step)).toBe(brief);
});

it('takes the condition beside a verb for a guard, and the one of an if step for its choice', () => {
  const when = { var: 'vars.x' };
  expect(guardOf({ id: 'a', if: when, set: { b: 1 } })).toEqual(when);
  expect(guardOf({ id: 'a', if: when, then: [] })).toBeUndefined();
  expect(guardOf({ id: 'a', set: { b: 1 } })).toBeUndefined();
});

it('makes a step of an undo, with the id of its step', () => {
  const undo = { http: 'https://x.example', method: 'DELETE' } as const;
  expect(undoStepOf({ id: 'a', call: 'orders.create', undo })).toEqual({ id: 'a', ...undo });
  expect(undoStepOf({ id: 'a', call: 'orders.create' })).toBeUndefined();
});
