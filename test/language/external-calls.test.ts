import { expect, it } from 'vitest';
import type { Definition } from '../../language/definition.ts';
import { externalCallsOf } from '../../language/external-calls.ts';

const call = (taskQueue: string) => ({ taskQueue, input: { type: 'object' }, output: { type: 'object' } });
const external = { 'points.add': call('a'), 'points.take': call('b'), 'sms.send': call('c') };

const definition: Definition = {
  name: 'paid',
  on: 'run',
  steps: [
    { id: 'all', parallel: [{ id: 'add', call: 'points.add', undo: { call: 'points.take' } }] },
    { id: 'order', call: 'orders.create' },
  ],
};

it('names the activities of other languages that a step or an undo calls, and no others', () => {
  expect(externalCallsOf([definition], external)).toEqual({ 'points.add': call('a'), 'points.take': call('b') });
});
