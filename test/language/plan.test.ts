import { describe, expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { childSteps, planOf } from '../../language/plan.ts';

const steps: Step[] = [
  { id: 'order', title: 'Create the order', call: 'orders.create' },
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
      { id: 'webhook', emit: 'order.created' },
    ],
  },
];

describe('the plan of a definition', () => {
  it('is the tree of its steps', () => {
    expect(planOf({ steps })).toEqual([
      { id: 'order', verb: 'call', title: 'Create the order', what: 'orders.create', guarded: false, branches: [] },
      {
        id: 'large',
        verb: 'if',
        title: 'large',
        what: null,
        guarded: false,
        branches: [
          {
            label: 'then',
            steps: [{ id: 'mark', verb: 'set', title: 'mark', what: 'large, size', guarded: false, branches: [] }],
          },
          {
            label: 'else',
            steps: [{ id: 'pause', verb: 'wait', title: 'pause', what: '5m', guarded: false, branches: [] }],
          },
        ],
      },
      {
        id: 'notify',
        verb: 'parallel',
        title: 'notify',
        what: null,
        guarded: true,
        branches: [
          {
            label: 'parallel',
            steps: [
              { id: 'later', verb: 'wait', title: 'later', what: 'until', guarded: false, branches: [] },
              { id: 'webhook', verb: 'emit', title: 'webhook', what: 'order.created', guarded: false, branches: [] },
            ],
          },
        ],
      },
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
