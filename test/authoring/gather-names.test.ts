import { expect, it } from 'vitest';
import { gatherNames } from '../../authoring/gather-names.ts';
import type { Step } from '../../language/definition.ts';

it('gathers the names of all steps and of what undoes them, each once', () => {
  const header = { authorization: { secret: 'SHOP' } };
  const inside: Step[] = [
    { id: 'b', emit: 'order.created', undo: { call: 'orders.cancel' } },
    { id: 'c', waitFor: ['x.y', 'x.z'], timeout: '1h', onTimeout: [{ id: 'd', run: 'other' }] },
    { id: 'e', http: 'https://x.example', headers: header, undo: { http: 'https://x.example', headers: header } },
    { id: 'f', call: 'http.request', with: { headers: { key: { secret: 'KEY' } } }, undo: { emit: 'order.canceled' } },
  ];
  const steps: Step[] = [
    { id: 'a', parallel: inside },
    { id: 'g', waitFor: 'x.y', timeout: '1h' },
    { id: 'h', run: 'other' },
  ];
  expect(gatherNames({ name: 'paid', on: 'run', steps })).toEqual({
    activities: ['orders.cancel', 'http.request'],
    secrets: ['SHOP', 'KEY'],
    definitions: ['other'],
    emits: ['order.created', 'order.canceled'],
    waitsFor: ['x.y', 'x.z'],
  });
});
