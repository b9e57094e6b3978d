import { expect, it } from 'vitest';
import { longestRun } from '../../authoring/longest-run.ts';
import type { Step } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

const minute = 60_000;
/** An attempt of 30 s, and another after 1 s. */
const call = (id: string): Step => ({ id, call: 'mail.send' });
const wait = (id: string, duration: string): Step => ({ id, wait: duration });
const longest = (...steps: Step[]) => {
  const defaults = { timeout: '30s', retry: { attempts: 2 } };
  return longestRun({ name: 'paid', on: 'run', defaults, steps }, runRules);
};
const both = ({ waitingMs, tryingMs }: ReturnType<typeof longest>) => [waitingMs / minute, tryingMs / 1000];

it.each<[string, Step[], number, number]>([
  ['of steps one behind the other the sum', [call('a'), { id: 'e', emit: 'x.y' }, wait('b', '5m')], 5, 122],
  ['of its own limits', [{ ...call('a'), timeout: '10s', retry: { attempts: 1 } }], 0, 10],
  ['of an instant a year', [{ id: 'a', wait: { until: '{{event.occurredAt}}' } }], 525_600, 0],
  [
    'of a wait its limit, and what it does then',
    [{ id: 'a', waitFor: 'x.y', timeout: '1h', onTimeout: [wait('b', '5m')] }],
    65,
    0,
  ],
  [
    'of an approval its limit and the longer of both reactions',
    [{ id: 'a', approve: 'Sure?', timeout: '1h', onReject: [wait('b', '5m')], onTimeout: [wait('c', '7m')] }],
    67,
    0,
  ],
  [
    'of a group no more than its deadline, and what it does then',
    [{ id: 'g', deadline: '3m', onTimeout: [wait('b', '1m')], do: [wait('a', '5m'), call('c')] }],
    4,
    0,
  ],
  ['of a group that is shorter than its deadline', [{ id: 'g', deadline: '9m', parallel: [wait('a', '5m')] }], 5, 0],
  ['of parallel branches the longest', [{ id: 'p', parallel: [wait('a', '5m'), call('b')] }], 5, 0],
  ['of branches the longest', [{ id: 'i', if: true, then: [wait('a', '1m')], else: [wait('b', '2m')] }], 2, 0],
  [
    'of cases the longest',
    [{ id: 's', switch: [{ when: true, do: [wait('a', '3m')] }], default: [wait('b', '2m')] }],
    3,
    0,
  ],
  [
    'of a try all that may happen',
    [{ id: 't', try: [call('a')], catch: [{ do: [wait('b', '1m')] }], finally: [wait('c', '1m')] }],
    2,
    61,
  ],
  ['of a loop all iterations', [{ id: 'w', while: true, max: 3, do: [wait('a', '5m')] }], 15, 0],
  [
    'of a list that stands there all items, so many at once',
    [{ id: 'l', forEach: { in: [1, 2, 3], concurrency: 2 }, do: [wait('a', '5m')] }],
    10,
    0,
  ],
  [
    'of what does nothing nothing',
    [
      { id: 'a', set: { x: 1 } },
      { id: 'b', stop: 'x' },
      { id: 'c', fail: 'x' },
    ],
    0,
    0,
  ],
])('takes %s', (_what, steps, waitingMinutes, tryingSeconds) => {
  expect(both(longest(...steps))).toEqual([waitingMinutes, tryingSeconds]);
});

it('reports what an item of a loop adds, shared between items that run at once', () => {
  const inner: Step = { id: 'inner', forEach: { in: '{{item}}' }, do: [wait('b', '1m')] };
  expect(
    longest({ id: 'l', forEach: { in: '{{vars.x}}', concurrency: 5 }, do: [wait('a', '5m'), inner] }),
  ).toMatchObject({
    waitingMs: 0,
    perItem: [
      { loop: 'l', longest: { waitingMs: minute } },
      { loop: 'inner', longest: { waitingMs: minute } },
    ],
  });
});

it('names the definitions whose runs it waits for', () => {
  const runs: Step[] = [
    { id: 'a', run: 'other' },
    { id: 'b', run: 'other' },
    { id: 'c', run: 'beside', detach: true },
  ];
  expect(longest({ id: 'p', parallel: runs }).runs).toEqual(['other']);
});

it('ends at the deadline of the run, whatever loops and other runs take', () => {
  const steps: Step[] = [
    { id: 'each', forEach: { in: '{{event.data.lines}}' }, do: [call('a')] },
    { id: 'other', run: 'other' },
  ];
  const definition = { name: 'paid', on: 'run' as const, deadline: '1h', onTimeout: [wait('late', '1m')], steps };
  expect(longestRun(definition, runRules)).toEqual({ waitingMs: 61 * minute, tryingMs: 0, perItem: [], runs: [] });
});
