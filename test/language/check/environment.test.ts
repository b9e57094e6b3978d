import { describe, expect, it } from 'vitest';
import { checkSteps, codesOf } from '../check-steps.ts';

describe('what a step sees of those before it', () => {
  it('knows what has surely run', () => {
    const sent = { id: 'sent', emit: 'order.created' };
    const use = (path: string) => ({ id: 'use', set: { x: `{{${path}}}` } });
    const inBoth = {
      id: 'if',
      if: { var: 'event.entity' },
      then: [{ id: 't', set: { v: 1 } }],
      else: [{ id: 'e', set: { v: 2 } }],
    };
    const inParallel = { id: 'p', parallel: [sent, { id: 'other', wait: '1s' }] };
    const guarded = { id: 'p', if: { var: 'event.entity' }, parallel: [sent] };
    expect(codesOf(checkSteps(sent, use('steps.sent.messageId')))).toEqual([]);
    expect(codesOf(checkSteps(inBoth, use('vars.v')))).toEqual([]);
    expect(codesOf(checkSteps(inParallel, use('steps.sent.messageId')))).toEqual([]);
    expect(codesOf(checkSteps({ ...inBoth, then: [sent, use('steps.sent.messageId')], else: undefined }))).toEqual([]);
    expect(codesOf(checkSteps(guarded, use('steps.sent.messageId')))).toEqual(['KAIT1205 /steps/1/set/x']);
    expect(codesOf(checkSteps(guarded, use('steps.sent')))).toEqual([]);
    expect(codesOf(checkSteps(guarded, { id: 'use', set: { x: { var: ['steps.sent.messageId', null] } } }))).toEqual(
      [],
    );
    expect(codesOf(checkSteps({ ...inBoth, else: undefined }, use('vars.v')))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it('keeps a variable set that is set again in a branch', () => {
    const set = { id: 's', set: { v: 1 } };
    const again = { id: 'if', if: { var: 'event.entity' }, then: [{ id: 't', set: { v: 2, w: 2 } }] };
    const use = { id: 'use', set: { x: '{{vars.v}}', y: { var: ['vars.w', 0] } } };
    const guarded = { id: 'guarded', if: { var: 'event.entity' }, set: { v: 3 } };
    expect(codesOf(checkSteps(set, again, guarded, use))).toEqual([]);
  });

  it('takes a variable for unsure that one of two branches may leave unset', () => {
    const set = (id: string) => ({ id, set: { v: 1 } });
    const inner = { id: 'inner', if: { var: 'event.tenant' }, then: [set('a')] };
    const outer = { id: 'outer', if: { var: 'event.entity' }, then: [inner], else: [set('b')] };
    expect(codesOf(checkSteps(outer, { id: 'use', set: { x: '{{vars.v}}' } }))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it('tells a step that reads itself in a parallel branch from one that reads another branch', () => {
    const own = { id: 'own', set: { x: '{{steps.own}}' } };
    const other = { id: 'other', set: { x: '{{steps.own}}' } };
    expect(codesOf(checkSteps({ id: 'p', parallel: [own, other] }))).toEqual([
      'KAIT1203 /steps/0/parallel/0/set/x',
      'KAIT1204 /steps/0/parallel/1/set/x',
    ]);
  });

  const sent = { id: 'sent', emit: 'order.created' };
  const other = { id: 'other', emit: 'order.changed' };
  const use = { id: 'use', set: { x: '{{steps.sent.messageId}}' } };
  const stop = { id: 'stop', stop: 'enough' };
  const fail = { id: 'fail', fail: 'no' };
  const some = { var: 'event.entity' };
  const inDoubt = ['KAIT1205 /steps/1/set/x'];

  it.each<[string, object]>([
    ['the other branch of an if ends the run', { id: 'if', if: some, then: [sent], else: [fail] }],
    ['every other case ends the run', { id: 's', switch: [{ when: some, do: [stop] }], default: [sent] }],
    ['every handler of its try ends the run', { id: 't', try: [sent], catch: [{ do: [other, fail] }] }],
    ['its try has only a finally', { id: 't', try: [sent], finally: [other] }],
    ['it stands in a finally', { id: 't', try: [other], finally: [sent] }],
    ['it handles a try that always fails', { id: 't', try: [fail], catch: [{ do: [sent] }] }],
    ['it stands in a group', { id: 'g', do: [other, sent] }],
  ])('is certain of a step where %s', (_where, step) => {
    expect(codesOf(checkSteps(step, use))).toEqual([]);
  });

  it.each<[string, object]>([
    ['the other branch of an if goes on', { id: 'if', if: some, then: [sent], else: [other] }],
    ['no case may hold', { id: 's', switch: [{ when: some, do: [sent] }] }],
    [
      'a handler of its try goes on',
      { id: 't', try: [sent], catch: [{ errors: ['No'], do: [fail] }, { do: [other] }] },
    ],
    ['it handles failures', { id: 't', try: [other], catch: [{ do: [sent] }] }],
    ['the first branch to succeed wins', { id: 'p', join: 'first', parallel: [sent, other] }],
    ['failures are let be', { id: 'p', join: 'settle', parallel: [sent, other] }],
    ['only a guarded step ends the run', { id: 'if', if: some, then: [sent], else: [{ ...stop, if: some }] }],
  ])('is not certain of a step where %s', (_where, step) => {
    expect(codesOf(checkSteps(step, use))).toEqual(inDoubt);
  });

  it.each<[string, object]>([
    ['a guard stops the run without it', { ...stop, if: { '!': { var: 'steps.sent' } } }],
    ['a guard fails the run without it', { ...fail, if: { '===': [{ var: 'steps.sent' }, null] } }],
    ['a branch ends the run without it', { id: 'if', if: { '!': { var: 'steps.sent' } }, then: [other, stop] }],
    [
      'a guard stops the run without it or something else',
      { ...stop, if: { or: [some, { '!': { var: 'steps.sent' } }] } },
    ],
  ])('is certain of a step after %s', (_what, step) => {
    expect(codesOf(checkSteps({ ...sent, if: some }, step, use))).toEqual([]);
  });

  it.each<[string, object]>([
    ['a guard stops the run with it', { ...stop, if: { '!!': { var: 'steps.sent' } } }],
    ['a guard takes something else for it', { ...stop, if: { '!': { var: ['steps.sent', true] } } }],
    ['a guard asks for more', { ...stop, if: { and: [some, { '!': { var: 'steps.sent' } }] } }],
    ['a guard compares what is never null', { ...stop, if: { '===': [{ '!!': { var: 'steps.sent' } }, null] } }],
    ['the run goes on in any case', { ...other, if: { '!': { var: 'steps.sent' } } }],
  ])('is not certain of a step after %s', (_what, step) => {
    const found = codesOf(checkSteps({ ...sent, if: some }, step, use));
    expect(found.filter((code) => code.startsWith('KAIT1205'))).toEqual(['KAIT1205 /steps/2/set/x']);
  });

  it.each<[string, object, string[]]>([
    ['it has an output', { '!!': { var: 'steps.sent' } }, []],
    ['a part of it is there', { '!=': [{ var: 'steps.sent.messageId' }, null] }, []],
    ['it and something else have', { and: [some, { var: 'steps.sent' }] }, []],
    ['it or something else has', { or: [some, { var: 'steps.sent' }] }, ['KAIT1205 /steps/1/then/0/set/x']],
    ['it has none', { '!': { var: 'steps.sent' } }, ['KAIT1205 /steps/1/then/0/set/x']],
  ])('knows of a step in a branch whose condition says that %s', (_what, condition, expected) => {
    const branch = { id: 'if', if: condition, then: [use] };
    const found = codesOf(checkSteps({ ...sent, if: some }, branch));
    expect(found.filter((code) => code.includes('then'))).toEqual(expected);
  });

  it('knows in a case of a switch that the earlier cases do not match', () => {
    const none = { when: { '!': { var: 'steps.sent' } }, do: [other] };
    const one = { when: { '===': [{ var: 'steps.sent.messageId' }, 'x'] }, do: [use] };
    const step = { id: 's', switch: [none, one], default: [{ ...use, id: 'late' }] };
    expect(codesOf(checkSteps({ ...sent, if: some }, step))).toEqual([]);
    expect(codesOf(checkSteps({ ...sent, if: some }, { ...step, switch: [one] }))).toEqual([
      'KAIT1205 /steps/1/switch/0/when/===/0/var',
      'KAIT1205 /steps/1/switch/0/do/0/set/x',
      'KAIT1205 /steps/1/default/0/set/x',
    ]);
  });

  it.each<[string, unknown, string[]]>([
    ['goes on', 'continue', inDoubt],
    ['goes on after steps', [other], inDoubt],
    ['fails', undefined, []],
    ['ends with steps', [other, stop], []],
  ])('knows an event that was waited for where the run otherwise %s', (_what, onTimeout, expected) => {
    const wait = { id: 'sent', waitFor: 'payment.refunded', match: { 'event.id': 'x' }, timeout: '1d', onTimeout };
    expect(codesOf(checkSteps(wait, { id: 'use', set: { x: '{{steps.sent.id}}' } }))).toEqual(expected);
  });

  it.each<[unknown, string[]]>([
    ['continue', inDoubt],
    [[other, stop], []],
  ])('knows an answer that was waited for where the run otherwise has %j', (onTimeout, expected) => {
    const ask = { id: 'sent', approve: 'Refund?', timeout: '1d', onTimeout };
    expect(codesOf(checkSteps(ask, { id: 'use', set: { x: '{{steps.sent.by}}' } }))).toEqual(expected);
  });

  it('tells a step of a loop in one of two branches from one that does not exist', () => {
    const loop = (id: string) => ({ id: `loop-${id}`, forEach: { in: '{{event.data}}' }, do: [{ id, emit: 'x.y' }] });
    const late = { id: 'use', set: { x: '{{steps.a}}', y: '{{steps.b}}' } };
    expect(codesOf(checkSteps({ id: 'p', parallel: [loop('a'), loop('b')] }, late))).toEqual([
      'KAIT1212 /steps/1/set/x',
      'KAIT1212 /steps/1/set/y',
    ]);
  });

  it('takes a variable for perhaps set that handling an item sets', () => {
    const loop = { in: '{{event.data}}', onItemError: [{ id: 'a', set: { v: 1 } }] };
    const use = { id: 'use', set: { x: '{{vars.v}}' } };
    expect(codesOf(checkSteps({ id: 'l', forEach: loop, do: [other] }, use))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it('takes a variable for set that a try and its only handler set', () => {
    const set = (id: string) => ({ id, set: { v: 1 } });
    const use = { id: 'use', set: { x: '{{vars.v}}' } };
    const tried = { id: 't', try: [other, set('a')] };
    expect(codesOf(checkSteps({ ...tried, catch: [{ do: [set('b')] }] }, use))).toEqual([]);
    expect(codesOf(checkSteps({ ...tried, catch: [{ do: [sent] }] }, use))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it.each<[string, object]>([
    ['both branches end the run', { id: 'if', if: some, then: [stop], else: [fail] }],
    ['a group ends the run', { id: 'g', do: [stop] }],
    ['a parallel branch fails', { id: 'p', parallel: [other, fail] }],
    ['all cases end the run', { id: 's', switch: [{ when: some, do: [stop] }], default: [fail] }],
    ['a try and its handlers end the run', { id: 't', try: [stop], catch: [{ do: [fail] }] }],
  ])('never runs where before it %s', (_what, step) => {
    expect(codesOf(checkSteps(step, { id: 'late', wait: '1s' }))).toEqual(['KAIT1119 /steps/1']);
  });

  it.each<[string, object]>([
    ['one branch goes on', { id: 'if', if: some, then: [stop] }],
    ['a condition may never hold', { id: 'w', while: { '!': some }, max: 2, do: [stop] }],
    ['a loop may have no item', { id: 'l', forEach: { in: '{{event.data}}' }, do: [stop] }],
    ['a failure is let be', { id: 'p', join: 'settle', parallel: [other, fail] }],
    ['a failure is handled', { id: 't', try: [fail], catch: [{ do: [other] }] }],
    ['a group is guarded', { id: 'g', if: some, do: [stop] }],
  ])('may run where before it %s', (_what, step) => {
    expect(codesOf(checkSteps(step, { id: 'late', wait: '1s' }))).toEqual([]);
  });
});
