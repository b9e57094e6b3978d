import { expect, it } from 'vitest';
import { describeStep, secretNameIn } from '../../authoring/describe-step.ts';
import type { Step } from '../../language/definition.ts';

const inside: Step[] = [{ id: 'z', set: { a: 1 } }];

it.each<[string, Step, string]>([
  ['call', { id: 'a', call: 'orders.create' }, 'calls orders.create'],
  [
    'call with input',
    { id: 'a', call: 'orders.create', with: { amount: '{{event.payment.amount}}', key: { secret: 'SHOP' } } },
    'calls orders.create with amount = event.payment.amount, key = the secret SHOP',
  ],
  ['http', { id: 'a', http: 'https://x.example/{{event.id}}' }, 'sends GET https://x.example/{{event.id}}'],
  [
    'http with everything',
    {
      id: 'a',
      http: 'https://x.example',
      headers: { authorization: { secret: 'SHOP' } },
      query: { limit: 5 },
      body: { id: '{{event.id}}' },
      expect: [201, 409],
    },
    'sends POST https://x.example with headers authorization = the secret SHOP; query limit = 5; body { id: event.id }; expecting 201, 409',
  ],
  ['emit', { id: 'a', emit: 'order.created', with: { id: 1 } }, 'emits order.created with id = 1'],
  [
    'parallel with a quorum',
    { id: 'a', join: { count: 2 }, parallel: inside },
    'runs in parallel until 2 have succeeded or too few are left; the others are canceled and undone',
  ],
  [
    'do with a deadline',
    { id: 'a', deadline: '2h', undoOnTimeout: true, onTimeout: 'continue', do: inside },
    'runs these steps, within 2h; after that, it undoes what they have done and continues',
  ],
  [
    'parallel with a deadline',
    { id: 'a', deadline: '2h', onTimeout: inside, parallel: inside },
    'runs in parallel until all are done or one fails, within 2h; after that, it runs the steps below',
  ],
  ['wait', { id: 'a', wait: '24h' }, 'waits 24h'],
  ['wait until', { id: 'a', wait: { until: '{{vars.at}}' } }, 'waits until vars.at'],
  [
    'waitFor',
    { id: 'a', waitFor: 'payment.refunded', timeout: '24h' },
    'waits up to 24h for payment.refunded; if none arrives, it fails',
  ],
  [
    'waitFor with conditions',
    {
      id: 'a',
      waitFor: ['x.y', 'x.z'],
      source: 'stripe',
      match: { 'event.payment.id': '{{event.payment.id}}' },
      where: { '>': [{ var: 'signal.payment.amount' }, 5] },
      timeout: '1h',
      onTimeout: inside,
    },
    'waits up to 1h for x.y or x.z from stripe with payment.id = event.payment.id and signal.payment.amount > 5; if none arrives, it runs the steps below',
  ],
  [
    'approve',
    { id: 'a', approve: 'Refund {{event.id}}?', timeout: '2d', onTimeout: 'continue' },
    'asks "Refund {{event.id}}?" and waits up to 2d for an answer; if rejected, it fails; without an answer, it continues',
  ],
  [
    'approve by several',
    {
      id: 'a',
      approve: 'Refund?',
      by: { min: 2, roles: ['finance'], people: ['ana'], requester: '{{event.data.by}}', notRequester: true },
      mail: true,
      remind: '1d',
      timeout: '3d',
    },
    'asks "Refund?" of role finance or "ana", but not of the requester, by mail, again every 1d, and waits up to 3d for 2 approvals; if rejected, it fails; without an answer, it fails',
  ],
  ['parallel', { id: 'a', parallel: inside }, 'runs in parallel until all are done or one fails'],
  [
    'parallel that settles',
    { id: 'a', join: 'settle', parallel: inside },
    'runs in parallel until all have ended, even if some fail',
  ],
  [
    'forEach',
    { id: 'a', forEach: { in: [1, 2] }, do: inside },
    'for each item of [1, 2], one at a time, until one fails',
  ],
  [
    'forEach with words',
    { id: 'a', forEach: { in: '{{vars.x}}', as: 'line', concurrency: 5, onItemError: 'continue' }, do: inside },
    'for each line of vars.x, 5 at a time',
  ],
  [
    'forEach as a race',
    { id: 'a', forEach: { in: '{{vars.x}}', join: 'first' }, do: inside },
    'for each item of vars.x, one at a time, until the first succeeds',
  ],
  [
    'while',
    { id: 'a', while: { '!': { var: 'vars.x' } }, max: 3, do: inside },
    'repeats while not vars.x, at most 3 times',
  ],
  ['if', { id: 'a', if: { var: 'vars.x' }, then: inside }, 'decides by vars.x'],
  ['switch', { id: 'a', switch: [] }, 'takes the first case that is true'],
  ['try', { id: 'a', try: inside }, 'tries these steps'],
  ['do', { id: 'a', do: inside }, 'runs these steps'],
  ['run', { id: 'a', run: 'other', with: { x: 1 } }, 'runs the definition other with x = 1'],
  ['run, detached', { id: 'a', run: 'other', detach: true }, 'runs the definition other without waiting for it'],
  ['set', { id: 'a', set: { max: '{{event.id}}', b: { floor: [1.5] } } }, 'sets max = event.id, b = floor(1.5)'],
  ['stop', { id: 'a', stop: 'Enough' }, 'ends the run as completed: "Enough"'],
  ['fail', { id: 'a', fail: 'No {{event.id}}' }, 'fails with Failed: "No {{event.id}}"'],
  ['fail with a type', { id: 'a', fail: 'No', type: 'Refused' }, 'fails with Refused: "No"'],
])('describes %s', (_what, step, expected) => {
  expect(describeStep(step)).toBe(expected);
});

it('treats only an object with nothing else as a secret', () => {
  expect(secretNameIn({ secret: 'SHOP' })).toBe('SHOP');
  expect(secretNameIn({ secret: 'SHOP', more: 1 })).toBeUndefined();
  expect(secretNameIn({ secret: 1 })).toBeUndefined();
  expect(secretNameIn(['SHOP'])).toBeUndefined();
});
