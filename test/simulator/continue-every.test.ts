import { describe, expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import type { Simulation } from '../../simulator/simulation.ts';
import { runDefinition } from './run-definition.ts';

interface Case {
  definition: Omit<Definition, 'name' | 'on'>;
  options: Parameters<typeof runDefinition>[1];
}

const pay: Step = { id: 'pay', call: 'orders.create', undo: { call: 'orders.cancel', with: { id: '{{steps.pay}}' } } };
const declined: Json = { error: { type: 'CardDeclined', retryable: false } };
const away: Json = { error: { type: 'Away' } };

const cases: Record<string, Case> = {
  'loops within loops': {
    definition: {
      steps: [
        {
          id: 'outer',
          forEach: { in: { literal: [1, 2, 3, 4] }, concurrency: 2, collect: '{{steps.inner.iterations}}' },
          do: [
            {
              id: 'inner',
              while: { '<': [{ var: 'index' }, { var: 'item' }] },
              max: 9,
              do: [
                { id: 'add', set: { sum: { '+': [{ var: ['vars.sum', 0] }, 1] } } },
                { id: 'rest', wait: '1m' },
              ],
            },
          ],
        },
      ],
      output: ['{{vars.sum}}', '{{steps.outer}}'],
    },
    options: {},
  },
  'waits, events and approvals': {
    definition: {
      steps: [
        {
          id: 'all',
          parallel: [
            { id: 'pause', wait: '3h' },
            { id: 'refund', waitFor: 'payment.refunded', timeout: '5h' },
            { id: 'ok', approve: 'Go on?', timeout: '1d' },
            {
              id: 'many',
              do: [
                { id: 'a', set: { a: 1 } },
                { id: 'b', set: { b: 1 } },
                { id: 'c', set: { c: 1 } },
              ],
            },
          ],
        },
        { id: 'late', waitFor: 'payment.failed', timeout: '1d' },
      ],
      output: ['{{steps.refund.id}}', '{{steps.ok.by}}', '{{steps.late.id}}'],
    },
    options: {
      script: [
        { at: '+1h', event: { type: 'payment.failed' } },
        { at: '+4h', event: { type: 'payment.refunded' } },
        { at: '+6h', decide: { step: 'ok', approved: true, by: 'ana' } },
      ],
    },
  },
  'a failure that is undone': {
    definition: {
      steps: [
        { id: 'each', forEach: { in: { literal: [1, 2, 3] } }, do: [pay] },
        { id: 'last', call: 'mail.send' },
      ],
    },
    options: { mocks: { last: declined, 'pay/0/undo': [away, away, 1], 'pay/2/undo': declined } },
  },
  'a failure that is handled': {
    definition: {
      steps: [
        {
          id: 'careful',
          try: [pay, { id: 'bad', call: 'mail.send' }],
          catch: [
            {
              errors: ['CardDeclined'],
              do: [
                { id: 'x', set: { x: '{{error.step}}' } },
                { id: 'y', wait: '1h' },
              ],
            },
          ],
          finally: [
            { id: 'z', set: { z: 1 } },
            { id: 'zz', wait: '1h' },
          ],
        },
        {
          id: 'which',
          switch: [
            {
              when: { '==': [{ var: 'vars.z' }, 1] },
              do: [
                { id: 'one', wait: '1h' },
                { id: 'two', set: { t: 1 } },
              ],
            },
          ],
        },
      ],
      output: '{{vars}}',
    },
    options: { mocks: { bad: declined } },
  },
  'the failure of an item that is handled': {
    definition: {
      steps: [
        {
          id: 'each',
          forEach: {
            in: { literal: [1, 2] },
            onItemError: [
              { id: 'x', set: { x: '{{error.step}}' } },
              { id: 'y', wait: '1h' },
            ],
          },
          do: [pay, { id: 'bad', call: 'mail.send' }],
        },
      ],
      output: ['{{vars}}', '{{steps.each}}'],
    },
    options: { mocks: { bad: declined } },
  },
  'a race': {
    definition: {
      steps: [
        {
          id: 'race',
          join: 'first',
          parallel: [
            { id: 'one', do: [pay, { id: 'slow', wait: '2h' }] },
            {
              id: 'other',
              do: [
                { id: 'quick', wait: '1h' },
                { id: 'then', set: { a: 1 } },
              ],
            },
          ],
        },
      ],
      output: '{{steps.race}}',
    },
    options: {},
  },
  'a run that is parked, and one that is canceled': {
    definition: {
      onFail: 'park',
      steps: [{ id: 'bad', call: 'mail.send' }, pay, { id: 'children', run: 'other' }, { id: 'rest', wait: '9d' }],
    },
    options: {
      mocks: { bad: [declined, declined, 'ok'] },
      children: {
        other: {
          name: 'other',
          on: 'run',
          steps: [
            { id: 'a', wait: '1h' },
            { id: 'b', wait: '1h' },
          ],
        },
      },
      script: [
        { at: '+1h', steer: { retry: 'bad' } },
        { at: '+2h', steer: { retry: 'bad' } },
        { at: '+5d', cancel: true },
      ],
    },
  },
  'a child that waits beside a loop, and is canceled with its run': {
    definition: {
      steps: [
        {
          id: 'both',
          parallel: [
            { id: 'child', run: 'other' },
            { id: 'items', forEach: { in: { literal: [1, 2, 3, 4, 5, 6] } }, do: [{ id: 'item', wait: '1h' }] },
          ],
        },
        { id: 'rest', run: 'other' },
      ],
    },
    options: {
      children: {
        other: {
          name: 'other',
          on: 'run',
          steps: [
            { ...pay, undo: { call: 'orders.cancel' } },
            { id: 'refund', waitFor: 'payment.refunded', timeout: '9d' },
          ],
        },
      },
      script: [
        { at: '+1d', event: { type: 'payment.refunded' } },
        { at: '+2d', cancel: true },
      ],
    },
  },
};

/** The order of things that happen in several branches at the same instant is not guaranteed. */
function ordered(simulation: Simulation) {
  const trace = simulation.trace.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  return { ...simulation, trace, continuations: 0 };
}

describe('continuing as a new run changes nothing that can be seen', () => {
  const everyCase = Object.keys(cases).flatMap((name) =>
    [1, 2, 3].map((continueEvery) => [name, continueEvery] as const),
  );

  it.each(everyCase)('of %s, every %i steps', async (name, continueEvery) => {
    const { definition, options } = cases[name]!;
    const whole = await runDefinition(definition, options);
    const continued = await runDefinition(definition, { ...options, continueEvery });
    expect(whole.continuations).toBe(0);
    expect(continued.continuations).toBeGreaterThan(0);
    expect(ordered(continued)).toEqual(ordered(whole));
  });
});

it('continues as new after every second step', async () => {
  const steps: Step[] = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, set: { [id]: 1 } }));
  expect((await runDefinition({ steps }, { continueEvery: 2 })).continuations).toBe(2);
});
