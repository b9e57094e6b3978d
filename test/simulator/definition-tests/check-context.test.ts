import { expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import { stepAtPath } from '../../../simulator/definition-tests/check-context.ts';

const ship: Definition = { name: 'ship', on: 'run', steps: [{ id: 'parcel', call: 'http.request' }] };
const definition: Definition = {
  name: 'demo',
  on: 'run',
  steps: [
    { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } },
    { id: 'each', forEach: { in: [] }, do: [{ id: 'send', run: 'ship' }] },
    { id: 'other', run: 'nowhere' },
  ],
};
const at = (path: string) => stepAtPath(path, definition, { ship });

it.each([
  ['order', 'order', false],
  ['order/undo', 'order', true],
  ['send/3', 'send', false],
  ['send/parcel', 'parcel', false],
  ['send/3/parcel', 'parcel', false],
])('%s names a step', (path, id, undo) => {
  expect(at(path)).toMatchObject({ step: { id }, undo });
});

it.each([
  ['ordr', 'There is no step "ordr" in demo.', 'Did you mean "order"?'],
  ['nothing', 'There is no step "nothing" in demo.', 'There are: order, each, send, other.'],
  ['', 'There is no step "" in demo.', 'There are: order, each, send, other.'],
  ['send/parsel', 'There is no step "parsel" in ship.', 'Did you mean "parcel"?'],
  ['each/undo', '"each" has no "undo" below it.', 'Only a step with "undo" can be taken back.'],
  ['each/send', '"each" has no "send" below it.', 'Only a "run" step does.'],
  ['other/parcel', 'The definition "nowhere" is not here.', undefined],
])('%s names none', (path, message, hint) => {
  expect(at(path)).toEqual({ step: null, message, hint });
});
