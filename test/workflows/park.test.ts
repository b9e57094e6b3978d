import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { linesOf, runDefinition } from '../simulator/run-definition.ts';

const declined = { error: { type: 'CardDeclined', message: 'no money', retryable: false } };
const pay: Step = { id: 'pay', call: 'orders.create' };
const attempt = (errors: string[]): Step => ({
  id: 'guarded',
  try: [pay],
  catch: [{ errors, do: [{ id: 'note', set: { caught: '{{error.type}}' } }] }],
});

it('does not park a step if a handler around it takes the failure', async () => {
  const run = await runDefinition({ onFail: 'park', steps: [attempt(['CardDeclined'])] }, { mocks: { pay: declined } });
  expect(linesOf(run)).toEqual(['guarded done +0s', 'pay failed +0s', 'note done +0s']);
});

it('parks a step if no handler takes the failure, and goes on when an operator retries it', async () => {
  const run = await runDefinition(
    { onFail: 'park', steps: [attempt(['OutOfStock'])] },
    { mocks: { pay: [declined, { result: 'paid' }] }, script: [{ at: '+2h', steer: { retry: 'pay' } }] },
  );
  expect(run.status).toBe('completed');
  expect(linesOf(run)).toEqual(['guarded done +2h', 'pay done +2h', 'note skipped +2h']);
});

it('can be canceled while parked, and undoes the steps before', async () => {
  const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const run = await runDefinition(
    { onFail: 'park', steps: [order, pay] },
    { mocks: { pay: declined }, script: [{ at: '+1h', cancel: true }] },
  );
  expect(run.status).toBe('canceled');
  expect(linesOf(run)).toEqual(['order done +0s', 'pay canceled +1h']);
  expect(run.undone.map(({ path }) => path)).toEqual(['order']);
});

it('parks a step whose guard fails, and skips it on command', async () => {
  const step: Step = { ...pay, if: { '>': [{ var: 'event.data.missing' }, 1] } };
  const run = await runDefinition(
    { onFail: 'park', steps: [step] },
    { script: [{ at: '+1m', steer: { skip: 'pay' } }] },
  );
  expect([run.status, ...linesOf(run)]).toEqual(['completed', 'pay skipped +1m']);
});

it('undoes a step of a loop once, although the loop was retried', async () => {
  const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const loop: Step = { id: 'loop', while: true, max: 2, do: [order] };
  const run = await runDefinition(
    { onFail: 'park', steps: [loop] },
    {
      script: [
        { at: '+1m', steer: { retry: 'loop' } },
        { at: '+2m', cancel: true },
      ],
    },
  );
  expect(run.status).toBe('canceled');
  expect(run.undone.map(({ path }) => path)).toEqual(['order/1', 'order/0']);
});

it('fails a canceled run if a step of it cannot be undone, and names the step', async () => {
  const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const run = await runDefinition(
    { steps: [order, { id: 'pause', wait: '1d' }] },
    { mocks: { 'order/undo': declined }, script: [{ at: '+1h', cancel: true }] },
  );
  expect(run).toMatchObject({
    status: 'failed',
    error: { type: 'UndoFailed', message: 'The run was canceled. Undoing these steps failed: order' },
  });
});

it('parks a step that handles the failure of an item, and goes on there when an operator retries it', async () => {
  const forEach = { in: ['a'], onItemError: [{ id: 'sorry', call: 'mail.send' } satisfies Step] };
  const run = await runDefinition(
    { onFail: 'park', steps: [{ id: 'lines', forEach, do: [pay] }] },
    {
      mocks: { pay: declined, sorry: [declined, { result: 'sent' }] },
      script: [{ at: '+2h', steer: { retry: 'sorry/0' } }],
    },
  );
  expect(run.status).toBe('completed');
  expect(linesOf(run)).toEqual(['lines done +2h', 'pay/0 failed +0s', 'sorry/0 done +2h']);
});

const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
const refund: Step = { id: 'refund', waitFor: 'payment.refunded', timeout: '1h' };
const lateGroup = (undoOnTimeout: boolean): Step => ({
  ...{ id: 'group', deadline: '1m', undoOnTimeout },
  do: [order, refund, { id: 'ship', call: 'mail.send' }],
});
const retriedLate = {
  script: [
    { at: '+2m', steer: { retry: 'group' } },
    { at: '+2m 10s', event: { type: 'payment.refunded' } },
  ],
};

it('does again what a late group has undone, when an operator retries it', async () => {
  const run = await runDefinition({ onFail: 'park', steps: [lateGroup(true)] }, retriedLate);
  expect(run.status).toBe('completed');
  expect(run.undone.map(({ path, at }) => [path, at])).toEqual([['order', '+1m']]);
  expect(linesOf(run)).toEqual([
    ...['group done +2m 10s', 'order done +2m', 'refund done +2m 10s', 'ship done +2m 10s'],
  ]);
});

it('reaches the steps that a late group has not reached, when an operator retries it', async () => {
  const run = await runDefinition({ onFail: 'park', steps: [lateGroup(false)] }, retriedLate);
  expect(run.status).toBe('completed');
  expect(linesOf(run)).toEqual([
    ...['group done +2m 10s', 'order done +0s', 'refund done +2m 10s', 'ship done +2m 10s'],
  ]);
});
