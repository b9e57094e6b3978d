import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { keysModel, type KeysVariant, type KeysWorld } from './keys-model.ts';

const asBuilt: KeysVariant = {
  waitsForEarlier: true,
  uniqueHolder: true,
  staysQueued: true,
  releasesOwn: true,
  sweeps: true,
};
const world: KeysWorld = { events: 3, dispatchers: 2 };

it.each<[what: string, world: KeysWorld, states: number]>([
  ['three events and two dispatchers', world, 1_952],
  ['an event that cannot start', { ...world, poison: 1 }, 972],
])('%s: keeps order, one run at a time has the key, and none has it forever, whatever dies', (_what, world, states) => {
  expect(explore(keysModel(asBuilt, world))).toEqual({ states, problem: null });
});

it.each<[what: string, changes: Partial<KeysVariant>, problem: string, trace: string[]]>([
  [
    'an event may get the key before an earlier one has its place',
    { waitsForEarlier: false },
    'a run has overtaken another',
    ['1 gets its place', 'dispatcher 0 takes the key for 1', 'dispatcher 0 starts 1'],
  ],
  [
    'two dispatchers may take a key',
    { uniqueHolder: false },
    'two runs have the key',
    [
      ...['0 gets its place', '1 gets its place'],
      ...['dispatcher 0 sees that the key is free', 'dispatcher 1 sees that the key is free'],
      ...['dispatcher 0 takes the key for 0', 'dispatcher 0 starts 0', 'dispatcher 0 records 0'],
      ...['dispatcher 1 takes the key for 1', 'dispatcher 1 starts 1'],
    ],
  ],
  [
    'an event leaves the queue before its start is known',
    { staysQueued: false },
    'the work can never be done',
    ['0 gets its place', 'dispatcher 0 takes the key for 0', 'dispatcher 0 dies'],
  ],
  [
    'a run releases the key of another',
    { releasesOwn: false },
    'two runs have the key',
    [
      ...['0 gets its place', '1 gets its place', '2 gets its place'],
      ...['dispatcher 0 takes the key for 0', 'dispatcher 0 starts 0', 'dispatcher 0 records 0'],
      ...['run 0 releases the key', 'dispatcher 0 takes the key for 1', 'dispatcher 0 starts 1'],
      ...['dispatcher 0 records 1', 'run 0 releases the key once more'],
      ...['dispatcher 0 takes the key for 2', 'dispatcher 0 starts 2'],
    ],
  ],
  [
    'nobody looks after runs that were terminated',
    { sweeps: false },
    'the work can never be done',
    ['0 gets its place', 'dispatcher 0 takes the key for 0', 'dispatcher 0 starts 0', 'run 0 is terminated'],
  ],
])('the model finds the fault if %s', (_what, changes, what, trace) => {
  expect(explore(keysModel({ ...asBuilt, ...changes }, world)).problem).toEqual({ what, trace });
});
