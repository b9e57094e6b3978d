import { expect, it } from 'vitest';
import { createCatalogue } from '../../activities/catalogue.ts';
import { installationOf } from '../../cli/open-definition.ts';
import type { Step } from '../../language/definition.ts';
import type { SimulationOptions } from '../../simulator/simulate.ts';
import { undoLine, undonePath } from '../../simulator/definition-tests/trace-line.ts';
import { runDefinition } from './run-definition.ts';

const url = 'https://shop.example/';
const undoable = (id: string, more: object = {}): Step => ({
  id,
  http: `${url}${id}`,
  method: 'POST',
  retry: { attempts: 1 },
  undo: { http: `${url}undo-${id}`, method: 'POST' },
  ...more,
});
const simulateSteps = (steps: Step[], options: Partial<SimulationOptions> = {}) =>
  runDefinition({ steps }, { ...installationOf(createCatalogue()), ...options });

it('undoes a step that timed out as one in doubt, and those before as done', async () => {
  const { undone } = await simulateSteps([undoable('first'), undoable('hold', { timeout: '2s' })], {
    mocks: { hold: { after: '3s', result: {} } },
  });
  expect(undone.map(({ path, inDoubt, ok }) => ({ path, inDoubt, ok }))).toEqual([
    { path: 'hold', inDoubt: true, ok: true },
    { path: 'first', inDoubt: false, ok: true },
  ]);
});

it('waits for the request under way of a canceled run, and undoes it as done', async () => {
  const { status, undone } = await simulateSteps([undoable('first'), undoable('hold')], {
    mocks: { hold: { after: '15s' } },
    script: [{ at: '+5s', cancel: true }],
  });
  expect(status).toBe('canceled');
  expect(undone.map(({ at, path, inDoubt }) => ({ at, path, inDoubt }))).toEqual([
    { at: '+15s', path: 'hold', inDoubt: false },
    { at: '+15s', path: 'first', inDoubt: false },
  ]);
});

it('undoes a step as one in doubt if the run is canceled in the pause after an attempt, whatever that attempt did', async () => {
  const hold = undoable('hold', { retry: { attempts: 5, first: '1m' } });
  const { status, undone } = await simulateSteps([hold], {
    mocks: { hold: { error: { type: 'ReceiverUnavailable', inDoubt: false } } },
    script: [{ at: '+5s', cancel: true }],
  });
  expect(status).toBe('canceled');
  expect(undone.map(({ at, path, inDoubt }) => ({ at, path, inDoubt }))).toEqual([
    { at: '+5s', path: 'hold', inDoubt: true },
  ]);
});

it('undoes the loser of a race that was under way', async () => {
  const steps: Step[] = [{ id: 'supplier', join: 'first', parallel: [undoable('near'), undoable('far')] }];
  const { status, undone } = await simulateSteps(steps, { mocks: { far: { after: '9s' } } });
  expect(status).toBe('completed');
  expect(undone.map(({ path }) => path)).toEqual(['far']);
});

it.each([
  ['an error that says so', { type: 'ResponseRefused' }, []],
  ['any other error', { type: 'ReceiverUnavailable', retryable: false }, ['hold']],
  ['a mock that says so', { type: 'ReceiverUnavailable', retryable: false, inDoubt: false }, []],
])('knows by %s whether a step is in doubt', async (_what, error, undone) => {
  const simulation = await simulateSteps([undoable('hold')], { mocks: { hold: { error } } });
  expect(simulation.undone.map(({ path }) => path)).toEqual(undone);
});

const guarded: Step = {
  id: 'guarded',
  try: [{ id: 'lock', http: `${url}take`, body: {} }],
  finally: [
    { id: 'settle', wait: '10s' },
    { id: 'unlock', http: `${url}release`, body: {} },
  ],
};

it.each([
  ['during the try part', { after: '20s', result: { status: 200, body: '' } }, Infinity],
  ['while finally is under way', { status: 200, body: '' }, Infinity],
  ['while finally is under way in a run that continues as new', { status: 200, body: '' }, 1],
])('runs finally to its end if the run is canceled %s', async (_when, lock, continueEvery) => {
  const { status, trace } = await simulateSteps([guarded, { id: 'next', http: `${url}next` }], {
    mocks: { lock },
    script: [{ at: '+5s', cancel: true }],
    continueEvery,
  });
  expect(status).toBe('canceled');
  expect(trace.find(({ path }) => path === 'unlock')?.status).toBe('done');
  expect(trace.map(({ path }) => path)).not.toContain('next');
});

it('calls the step’s own time limit and its deadline TimedOut', async () => {
  const charge: Step = { id: 'charge', http: url, timeout: '2s', retry: { attempts: 3, except: ['TimedOut'] } };
  const status: Step = { id: 'status', http: url, timeout: '2s', deadline: '3s' };
  const guard = (step: Step): Step => ({
    id: `try-${step.id}`,
    try: [step],
    catch: [{ errors: ['TimedOut'], do: [{ id: `caught-${step.id}`, set: { caught: true } }] }],
  });
  const simulation = await simulateSteps([guard(charge), guard(status)], {
    mocks: { charge: { after: '3s' }, status: { error: { type: 'ReceiverUnavailable' } } },
  });
  expect(simulation.status).toBe('completed');
  expect(simulation.trace.find(({ path }) => path === 'charge')?.attempts).toHaveLength(1);
});

it('undoes what a child has done, also after continuing as new', async () => {
  const child = { name: 'ship', on: 'run' as const, steps: [undoable('hold')] };
  const steps: Step[] = [
    { id: 'send', run: 'ship' },
    { id: 'long', wait: '30d' },
    { id: 'bad', fail: 'no' },
  ];
  const { status, undone } = await simulateSteps(steps, { children: { ship: child }, continueEvery: 1 });
  expect(status).toBe('failed');
  expect(undone.map(({ path }) => path)).toEqual(['send/hold']);
});

it.each<[string, object, Step[], object]>([
  ['only reads', {}, [{ id: 'hold', http: url, retry: { attempts: 1 } }], {}],
  ['is undone', {}, [undoable('hold')], {}],
  ['is undone only if it was done', {}, [undoable('hold', { undoWhen: 'done' })], { hold: { inDoubt: true } }],
  [
    'stays by the definition’s onFail',
    { onFail: 'fail' },
    [undoable('first'), undoable('hold')],
    { first: { inDoubt: false }, hold: { inDoubt: true } },
  ],
])('says which steps are left, one in doubt that %s', async (_what, definition, steps, left) => {
  const error = { type: 'ReceiverUnavailable', retryable: false };
  const simulation = await runDefinition(
    { ...definition, steps },
    { ...installationOf(createCatalogue()), mocks: { hold: { error } } },
  );
  const entries = simulation.trace.flatMap((entry) => (entry.left === undefined ? [] : [[entry.path, entry.left]]));
  expect(Object.fromEntries(entries)).toEqual(left);
});

it('forgets that a parked step was in doubt once it is done', async () => {
  const steps = [undoable('hold', { undoWhen: 'done' })];
  const { status, trace } = await runDefinition(
    { onFail: 'park', steps },
    {
      ...installationOf(createCatalogue()),
      mocks: {
        hold: [{ error: { type: 'ReceiverUnavailable', retryable: false } }, { result: { status: 200, body: {} } }],
      },
      script: [{ at: '+1h', steer: { retry: 'hold' } }],
    },
  );
  expect(status).toBe('completed');
  expect(trace.map(({ left }) => left)).toEqual([undefined]);
});

it('writes an undo in doubt into the tests of definitions, and reads it', async () => {
  const { undone } = await simulateSteps([undoable('hold')], {
    mocks: {
      hold: { error: { type: 'ReceiverUnavailable', retryable: false } },
      'hold/undo': { error: { type: 'ResponseRefused', retryable: false } },
    },
  });
  const lines = undone.map(undoLine);
  expect(lines).toEqual(['hold in doubt failed']);
  expect(lines.map(undonePath)).toEqual(['hold']);
});
