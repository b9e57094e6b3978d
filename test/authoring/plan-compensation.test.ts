import { describe, expect, it } from 'vitest';
import { planCompensation } from '../../authoring/plan-compensation.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

const undoable = (id: string): Step => ({ id, call: 'orders.create', undo: { call: 'orders.cancel' } });
const plain = (id: string): Step => ({ id, call: 'mail.send' });

const plan = (steps: Step[], rest: Partial<Definition> = {}) =>
  planCompensation({ name: 'paid', on: { event: 'payment.succeeded' }, ...rest, steps }, runRules);
/** `step: what is undone | what stays`, for each failure. */
const failures = (...steps: Step[]) =>
  plan(steps, { onFail: 'undo' }).failures.map(({ step, undone, stays }) =>
    `${step}: ${undone.join(' ')} | ${stays.join(' ')}`.trim(),
  );

describe('the plan', () => {
  it('undoes earlier steps in reverse order, and lists what stays', () => {
    expect(failures(undoable('a'), plain('b'), undoable('c'), { id: 'd', fail: 'no' })).toEqual([
      'a:  |',
      'b: a |',
      'c: a | b',
      'd: c a | b',
    ]);
  });

  it('names no step that cannot fail, or does nothing that lasts', () => {
    expect(failures({ id: 'a', set: { x: 1 } }, { id: 'b', wait: '1h' }, { id: 'c', stop: 'x' }, plain('d'))).toEqual([
      'd:  |',
    ]);
  });

  it('has the deadline of the run, which no step is to blame for', () => {
    const { failures: found } = plan([undoable('a')], { deadline: '1h' });
    expect(found.at(-1)).toEqual({ step: null, inDoubt: false, undone: ['a'], stays: [] });
    expect(plan([undoable('a')], { deadline: '1h', onTimeout: 'continue' }).failures).toHaveLength(1);
  });

  it.each<[string, Step, string[]]>([
    [
      'every other branch of a parallel step',
      { id: 'p', parallel: [undoable('a'), { id: 'd', do: [plain('b'), undoable('c')] }] },
      ['a: c | b', 'b: a |', 'c: a | b'],
    ],
    [
      'all that may have won in a race, where all of it failed',
      { id: 'p', join: 'first', parallel: [undoable('a'), undoable('b')] },
      ['p:  |'],
    ],
    [
      'what may have been done in a quorum that is missed',
      { id: 'p', join: { count: 2 }, parallel: [undoable('a'), undoable('b')] },
      ['p: b a |'],
    ],
    [
      'what a group may have done at its deadline',
      { id: 'g', deadline: '1h', do: [undoable('a'), plain('b')] },
      ['a:  |', 'b: a |', 'g: a | b'],
    ],
    [
      'for the steps at a deadline what the group may have done',
      { id: 'g', deadline: '1h', onTimeout: [plain('l')], do: [undoable('a')] },
      ['a:  |', 'l: a |'],
    ],
    ['nothing of a parallel step that settles', { id: 'p', join: 'settle', parallel: [undoable('a')] }, []],
    [
      'what items before have done',
      { id: 'l', forEach: { in: [] }, do: [undoable('a'), plain('b')] },
      ['a: a | b', 'b: a | b'],
    ],
    [
      'for an item’s handler what the item did',
      { id: 'l', forEach: { in: [], onItemError: [plain('h')] }, do: [undoable('a')] },
      ['h: a | h'],
    ],
    [
      'nothing for items whose failure counts',
      { id: 'l', forEach: { in: [], onItemError: 'continue' }, do: [undoable('a')] },
      [],
    ],
    [
      'what iterations before have done, also where there are too many',
      { id: 'w', while: true, max: 2, do: [undoable('a')] },
      ['w: a |', 'a: a |'],
    ],
    [
      'not what another branch does',
      { id: 'i', if: true, then: [undoable('a')], else: [undoable('b'), plain('c')] },
      ['a:  |', 'b:  |', 'c: b |'],
    ],
    [
      'not what another case does',
      { id: 's', switch: [{ when: true, do: [undoable('a')] }], default: [plain('b')] },
      ['a:  |', 'b:  |'],
    ],
    [
      'for a handler what was tried, and for the end both',
      {
        id: 't',
        try: [undoable('a'), plain('b')],
        catch: [{ errors: ['X'], do: [plain('c')] }],
        finally: [plain('d')],
      },
      ['a:  |', 'b: a |', 'c: a | b', 'd: a | b c'],
    ],
    [
      'nothing for what a handler of any error stands around',
      { id: 't', try: [undoable('a')], catch: [{ do: [plain('c')] }] },
      ['c: a |'],
    ],
  ])('undoes %s', (_what, step, expected) => {
    expect(failures(step)).toEqual(expected);
    expect(failures(step, plain('z')).at(-1)).toMatch(/^z: /);
  });

  it('counts waits that fail, and what follows from those that do not', () => {
    const wait = { id: 'w', waitFor: 'x.y', timeout: '1h' };
    const ask = { id: 'k', approve: 'Sure?', timeout: '1h' };
    expect(failures(undoable('a'), wait, ask)).toEqual(['a:  |', 'w: a |', 'k: a |']);
    expect(
      failures({ ...wait, onTimeout: 'continue' }, { ...ask, onTimeout: 'continue', onReject: 'continue' }),
    ).toEqual([]);
    expect(failures({ ...ask, onTimeout: 'continue' })).toEqual(['k:  |']);
    expect(failures({ ...wait, onTimeout: [undoable('b')] }, plain('c'))).toEqual(['b:  |', 'c: b |']);
  });

  it.each<[string, Step, string]>([
    ['stays if its steps have no undo', { id: 'r', run: 'other' }, 'b:  | r'],
    ['is undone if its steps have', { id: 'r', run: 'undoable' }, 'b: r |'],
    ['stays if it is detached', { id: 'r', run: 'undoable', detach: true }, 'b:  | r'],
    ['is undone by the step', { id: 'r', run: 'other', undo: { call: 'orders.cancel' } }, 'b: r |'],
  ])('counts what a run of another definition did: it %s', (_what, step, expected) => {
    expect(failures(step, plain('b'))).toEqual(['r:  |', expected]);
  });

  it.each<[string, Step, boolean]>([
    ['over the network', { id: 'a', call: 'mail.send', undo: { call: 'orders.cancel' } }, true],
    ['on the database', undoable('a'), false],
    ['on the database that says so', { ...undoable('a'), undoWhen: 'maybe' }, true],
    [
      'over the network that does not want it',
      { id: 'a', http: 'https://x.example', undo: { call: 'orders.cancel' }, undoWhen: 'done' },
      false,
    ],
    ['without an undo', plain('a'), false],
  ])('undoes the failed step itself in doubt: one %s', (_what, step, inDoubt) => {
    expect(plan([step], { onFail: 'undo' }).failures).toEqual([{ step: 'a', inDoubt, undone: [], stays: [] }]);
    expect(plan([step], { onFail: 'fail' }).failures[0]?.inDoubt).toBe(false);
  });
});

describe('the policy', () => {
  it('is to undo if any undo is declared, then also on cancel', () => {
    expect(plan([undoable('a')])).toMatchObject({ policy: 'undo', undoesOnCancel: true });
    expect(plan([plain('a')])).toMatchObject({ policy: 'fail', undoesOnCancel: false });
  });

  it('decides whether anything is undone', () => {
    const parked = plan([undoable('a'), plain('b')], { onFail: 'park' });
    expect(parked).toMatchObject({ policy: 'park', undoesOnCancel: true });
    expect(parked.failures[1]).toEqual({ step: 'b', inDoubt: false, undone: [], stays: ['a'] });
  });
});
