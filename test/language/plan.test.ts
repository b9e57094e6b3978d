import { describe, expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { childSteps, planOf, type PlanNode } from '../../language/plan.ts';

const steps: Step[] = [
  { id: 'order', title: 'Create the order', call: 'orders.create', undo: { call: 'orders.cancel' } },
  {
    id: 'large',
    if: true,
    then: [{ id: 'mark', set: { large: true, size: 'L' } }],
    else: [{ id: 'pause', wait: '5m' }],
  },
  {
    id: 'notify',
    if: { var: 'vars.large' },
    parallel: [
      { id: 'later', wait: { until: '{{event.occurredAt}}' } },
      { id: 'webhook', emit: 'order.created', undo: { emit: 'order.canceled' } },
    ],
  },
];

/** A step that has nothing below it, of which nothing more is to say. */
const leaf = (id: string, verb: PlanNode['verb'], what: string | null): PlanNode => {
  return { id, verb, title: id, what, guarded: false, undo: null, join: null, loop: null, branches: [] };
};

describe('the plan of a definition', () => {
  it('is the tree of its steps', () => {
    expect(planOf({ steps })).toEqual([
      {
        ...leaf('order', 'call', 'orders.create'),
        title: 'Create the order',
        undo: { verb: 'call', what: 'orders.cancel' },
      },
      {
        ...leaf('large', 'if', null),
        branches: [
          { label: 'then', steps: [leaf('mark', 'set', 'large, size')] },
          { label: 'else', steps: [leaf('pause', 'wait', '5m')] },
        ],
      },
      {
        ...leaf('notify', 'parallel', null),
        guarded: true,
        join: 'all',
        branches: [
          {
            label: 'parallel',
            steps: [
              leaf('later', 'wait', 'until'),
              { ...leaf('webhook', 'emit', 'order.created'), undo: { verb: 'emit', what: 'order.canceled' } },
            ],
          },
        ],
      },
    ]);
  });

  it('says how loops are run', () => {
    const pay: Step = {
      id: 'pay',
      http: 'https://bank.example',
      undo: { http: 'https://bank.example/back', body: {} },
    };
    const each: Step = {
      id: 'each',
      forEach: { in: '{{event.data.lines}}', concurrency: 5, join: 'settle' },
      do: [pay],
    };
    const poll: Step = { id: 'poll', while: { var: 'vars.open' }, max: 10, do: [{ id: 'pause', wait: '1m' }] };
    expect(planOf({ steps: [each, poll] })).toEqual([
      {
        ...leaf('each', 'forEach', '{{event.data.lines}}'),
        join: 'settle',
        loop: { concurrency: 5, max: null },
        branches: [
          {
            label: 'do',
            steps: [
              {
                ...leaf('pay', 'http', 'GET https://bank.example'),
                undo: { verb: 'http', what: 'POST https://bank.example/back' },
              },
            ],
          },
        ],
      },
      {
        ...leaf('poll', 'while', 'at most 10 times'),
        loop: { concurrency: 1, max: 10 },
        branches: [{ label: 'do', steps: [leaf('pause', 'wait', '1m')] }],
      },
    ]);
  });

  it('names what each handler catches', () => {
    const wait = (id: string): Step => ({ id, wait: '1s' });
    const guarded: Step = {
      id: 'pay',
      try: [wait('charge')],
      catch: [{ errors: ['CardDeclined', 'TimedOut'], do: [wait('again')] }, { do: [wait('other')] }],
      finally: [wait('last')],
    };
    expect(planOf({ steps: [guarded] })[0]?.branches.map(({ label }) => label)).toEqual([
      'try',
      'catch CardDeclined, TimedOut',
      'catch',
      'finally',
    ]);
  });

  it('has the children of all branches of a step', () => {
    expect(steps.map((step) => childSteps(step).map((child) => child.id))).toEqual([
      [],
      ['mark', 'pause'],
      ['later', 'webhook'],
    ]);
  });
});
