import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { waitsModel, type WaitsVariant, type WaitsWorld } from './waits-model.ts';

const asBuilt: WaitsVariant = {
  registersFirst: true,
  keysFirst: true,
  claims: true,
  remembers: true,
  takesAgain: true,
  sendsAgain: true,
};
const oneStep: WaitsWorld = { runOf: [0], events: 1 };
const twoSteps: WaitsWorld = { runOf: [0, 0], events: 2 };
const twoRuns: WaitsWorld = { runOf: [0, 1], events: 1 };

it.each<[what: string, world: WaitsWorld, changes: Partial<WaitsVariant>, states: number]>([
  ['two steps of a run', twoSteps, {}, 19_981],
  ['two steps of a run that forgets what it had', twoSteps, { remembers: false }, 30_383],
  ['more steps than events', { runOf: [0, 0], events: 1 }, {}, 819],
  ['two runs', twoRuns, {}, 3_371],
])(
  'no event is missed or taken twice in any state that %s can reach, whatever dies',
  (_what, world, changes, states) => {
    expect(explore(waitsModel({ ...asBuilt, ...changes }, world))).toEqual({ states, problem: null });
  },
);

it.each<[what: string, world: WaitsWorld, changes: Partial<WaitsVariant>, problem: string, trace: string[]]>([
  [
    'a step looks before it registers',
    oneStep,
    { registersFirst: false },
    'the work can never be done',
    [
      ...['step 0 looks and finds nothing'],
      ...['event 0 is stored', 'event 0 first statement', 'event 0 second statement'],
    ],
  ],
  [
    'waits are looked up before the keys are committed',
    oneStep,
    { keysFirst: false },
    'the work can never be done',
    [...['event 0 is stored', 'event 0 first statement'], ...['step 0 registers', 'step 0 looks and finds nothing']],
  ],
  [
    'a signal is not sent again',
    oneStep,
    { sendsAgain: false },
    'the work can never be done',
    [
      ...['step 0 registers', 'step 0 looks and finds nothing'],
      ...['event 0 is stored', 'event 0 first statement', 'event 0 second statement'],
      ...['0 to run 0: is claimed', '0 to run 0: dies before the signal'],
    ],
  ],
  [
    'a step that begins anew does not get the event first that it has taken',
    oneStep,
    { takesAgain: false },
    'the work can never be done',
    [
      ...['step 0 registers', 'event 0 is stored', 'event 0 first statement'],
      ...['step 0 finds 0', 'step 0 claims', 'run 0 dies with its task'],
    ],
  ],
  [
    'no row decides who takes an event',
    twoSteps,
    { claims: false, remembers: false },
    'a run takes an event twice',
    [
      ...['step 0 registers', 'step 1 registers', 'event 0 is stored', 'event 0 first statement'],
      ...['step 0 finds 0', 'step 1 finds 0'],
      ...['step 0 claims', 'step 0 closes', 'step 1 claims', 'step 1 closes'],
    ],
  ],
])('the model finds the fault if %s', (_what, world, changes, what, trace) => {
  expect(explore(waitsModel({ ...asBuilt, ...changes }, world)).problem).toEqual({ what, trace });
});
