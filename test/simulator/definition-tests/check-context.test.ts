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
  ['ordr', 'The definition "demo" has no step "ordr".', 'Did you mean "order"?'],
  ['nothing', 'The definition "demo" has no step "nothing".', 'The steps are: order, each, send, other.'],
  ['', 'The definition "demo" has no step "".', 'The steps are: order, each, send, other.'],
  ['send/parsel', 'The definition "ship" has no step "parsel".', 'Did you mean "parcel"?'],
  ['each/undo', 'Step "each" has no "undo" below it.', 'Only a step that declares "undo" can be undone.'],
  ['each/send', 'Step "each" has no "send" below it.', 'Only "run" steps have steps below them.'],
  ['other/parcel', 'The definition "nowhere" was not found.', undefined],
])('%s names no step', (path, message, hint) => {
  expect(at(path)).toEqual({ step: null, message, hint });
});
