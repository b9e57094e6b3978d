import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../language/check.ts';
import { activityTypes } from './activity-types.ts';

const check = (text: string) => checkDefinition({ text, file: 'a.json', activities: activityTypes });
const withSteps = (...steps: unknown[]) =>
  check(JSON.stringify({ name: 'a', on: { event: 'payment.succeeded' }, steps }));
const codes = ({ findings }: ReturnType<typeof check>) => findings.map(({ code, pointer }) => `${code} ${pointer}`);

const example = readFileSync(new URL('../../definitions/workflows/payment-succeeded.json', import.meta.url), 'utf8');

describe('checking a definition', () => {
  it('finds nothing in the example, and gives it without its comments', () => {
    const { definition, findings } = check(example);
    expect(findings).toEqual([]);
    expect(definition?.name).toBe('payment-succeeded');
    expect(definition?.steps.map(({ id }) => id)).toEqual(['order', 'cashback', 'notify']);
  });

  it('says where, by line, column, length and pointer', () => {
    const text =
      '{\n  "name": "a",\r\n\t"on": { "event": "payment.succeeded" },\n  "steps": [{ "id": "b~/", "wait": "1s" }]\n}';
    expect(check(text).findings).toEqual([
      {
        code: 'KAIT1109',
        severity: 'error',
        message: '"b~/" is not allowed as "id".',
        hint: 'Expected: a letter first, then letters, digits, - and _, such as orderId.',
        file: 'a.json',
        line: 4,
        column: 21,
        length: 5,
        pointer: '/steps/0/id',
      },
    ]);
  });

  it('shows a path within a text at its own place, and the whole text where escapes move it', () => {
    const plain = withSteps({ id: 's', set: { a: 'é {{evnt.id}}' } }).findings[0];
    const escaped = withSteps({ id: 's', set: { a: '" {{evnt.id}}' } }).findings[0];
    expect([plain?.length, escaped?.length]).toEqual([11, 16]);
  });

  it('finds everything at once, in the order of the text', () => {
    const found = withSteps(
      { id: 'a', call: 'nothing', wiht: {} },
      { id: 'a', if: { '==': [1] }, emit: 'x y' },
      { id: 'c', wait: '{{steps.d}}' },
    );
    expect(found.definition).toBeNull();
    expect(codes(found)).toEqual([
      'KAIT1401 /steps/0/call',
      'KAIT1101 /steps/0/wiht',
      'KAIT1201 /steps/1/id',
      'KAIT1305 /steps/1/if',
      'KAIT1302 /steps/1/if/==',
      'KAIT1112 /steps/1/emit',
      'KAIT1111 /steps/2/wait',
    ]);
  });

  it('gives a definition that has warnings only', () => {
    const { definition, findings } = withSteps({ id: 'a', if: true, wait: '1s' });
    expect(findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect(definition?.name).toBe('a');
  });

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
    expect(codes(withSteps(sent, use('steps.sent.messageId')))).toEqual([]);
    expect(codes(withSteps(inBoth, use('vars.v')))).toEqual([]);
    expect(codes(withSteps(inParallel, use('steps.sent.messageId')))).toEqual([]);
    expect(codes(withSteps({ ...inBoth, then: [sent, use('steps.sent.messageId')], else: undefined }))).toEqual([]);
    expect(codes(withSteps(guarded, use('steps.sent.messageId')))).toEqual(['KAIT1205 /steps/1/set/x']);
    expect(codes(withSteps(guarded, use('steps.sent')))).toEqual([]);
    expect(codes(withSteps(guarded, { id: 'use', set: { x: { var: ['steps.sent.messageId', null] } } }))).toEqual([]);
    expect(codes(withSteps({ ...inBoth, else: undefined }, use('vars.v')))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it('keeps a variable set that is set again in a branch', () => {
    const set = { id: 's', set: { v: 1 } };
    const again = { id: 'if', if: { var: 'event.entity' }, then: [{ id: 't', set: { v: 2, w: 2 } }] };
    const use = { id: 'use', set: { x: '{{vars.v}}', y: { var: ['vars.w', 0] } } };
    const guarded = { id: 'guarded', if: { var: 'event.entity' }, set: { v: 3 } };
    expect(codes(withSteps(set, again, guarded, use))).toEqual([]);
  });

  it('takes a variable for unsure that one of two branches may leave unset', () => {
    const set = (id: string) => ({ id, set: { v: 1 } });
    const inner = { id: 'inner', if: { var: 'event.tenant' }, then: [set('a')] };
    const outer = { id: 'outer', if: { var: 'event.entity' }, then: [inner], else: [set('b')] };
    expect(codes(withSteps(outer, { id: 'use', set: { x: '{{vars.v}}' } }))).toEqual(['KAIT1211 /steps/1/set/x']);
  });

  it('tells a step that reads itself in a parallel branch from one that reads another branch', () => {
    const own = { id: 'own', set: { x: '{{steps.own}}' } };
    const other = { id: 'other', set: { x: '{{steps.own}}' } };
    expect(codes(withSteps({ id: 'p', parallel: [own, other] }))).toEqual([
      'KAIT1203 /steps/0/parallel/0/set/x',
      'KAIT1204 /steps/0/parallel/1/set/x',
    ]);
  });

  it('follows the paths that missing and missing_some name', () => {
    const missing = { missing: ['event.entity', 'event.entiti'] };
    const some = { missing_some: [1, ['event.tenant', 'event.tennant']] };
    expect(codes(withSteps({ id: 's', set: { a: missing, b: some } }))).toEqual([
      'KAIT1207 /steps/0/set/a/missing/1',
      'KAIT1207 /steps/0/set/b/missing_some/1/1',
    ]);
  });

  it('leaves paths within the items of a list alone', () => {
    const filter = { filter: [{ var: 'event.data.items' }, { '>': [{ var: 'qty' }, 1] }] };
    expect(codes(withSteps({ id: 's', set: { a: filter } }))).toEqual([]);
  });

  it('takes a literal for a constant condition, whatever it looks like', () => {
    expect(codes(withSteps({ id: 'a', if: { literal: { var: 'event.id' } }, wait: '1s' }))).toEqual([
      'KAIT1305 /steps/0/if',
    ]);
  });

  it('points into the alternative that the author meant', () => {
    const text = { name: 'a', on: { event: ['payment.succeeded', 3] }, steps: [{ id: 'a', wait: { untill: 1 } }] };
    expect(codes(check(JSON.stringify(text)))).toEqual([
      'KAIT1103 /on/event/1',
      'KAIT1102 /steps/0/wait/until',
      'KAIT1101 /steps/0/wait/untill',
    ]);
  });

  it('escapes keys in pointers as RFC 6901 says', () => {
    expect(codes(withSteps({ id: 's', set: { 'a~/b': 1 } }))).toEqual(['KAIT1109 /steps/0/set/a~0~1b']);
  });

  it('counts lines by every kind of line ending', () => {
    expect(check('{\n"a":1,\r"b":2,\r\n"c":3}').findings.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it.each(['constructor', 'prototype', 'valueOf', 'hasOwnProperty'])('reserves the name %s', (id) => {
    expect(codes(withSteps({ id, wait: '1s' }))).toEqual(['KAIT1110 /steps/0/id']);
  });

  it('takes an operator as a name where the author chooses names', () => {
    expect(codes(withSteps({ id: 's', set: { max: '{{event.id}}' } }))).toEqual([]);
  });

  it('takes what is literal for data', () => {
    expect(codes(withSteps({ id: 's', set: { a: { literal: { var: 'nothing', b: '{{x}}' } } } }))).toEqual([]);
  });

  it.each([
    ['a text of brackets', '['.repeat(100_000)],
    ['an object in an object', '{"a":'.repeat(10_000)],
    ['a file of a megabyte', ' '.repeat(1_000_000)],
  ])('refuses %s as too large', (_name, text) => {
    expect(check(text).findings.map(({ code }) => code)).toEqual(['KAIT1002']);
  });

  it('refuses more than 500 steps, once', () => {
    const steps = Array.from({ length: 501 }, (_, position) => ({ id: `s${position}`, wait: '1s' }));
    expect(codes(withSteps(...steps))).toEqual(['KAIT1002 /steps']);
    expect(codes(withSteps(...steps.slice(1)))).toEqual([]);
  });

  it('shows 200 findings, and counts the errors beyond them', () => {
    const warnings = Array.from({ length: 200 }, (_, position) => ({ id: `s${position}`, if: true, wait: '1s' }));
    const { definition, findings } = withSteps(...warnings, { id: 'last', if: { flor: 1 }, wait: '1s' });
    expect([findings.length, findings.some(({ severity }) => severity === 'error'), definition]).toEqual([
      200,
      false,
      null,
    ]);
  });

  it('reads past a byte order mark', () => {
    expect(check(`\uFEFF${example}`).findings).toEqual([]);
  });

  it('never throws on arbitrary text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), mutated(example)), (text) => {
        for (const finding of check(text).findings) expect(finding.line).toBeGreaterThan(0);
      }),
      { numRuns: 500, seed: 11 },
    );
  });

  it('never throws on JSON of any form, nor gives a definition that has an error', () => {
    fc.assert(
      fc.property(likeDefinition, (value) => {
        const { definition, findings } = check(JSON.stringify(value));
        expect(definition === null).toBe(findings.some(({ severity }) => severity === 'error'));
      }),
      { numRuns: 1_000, seed: 12 },
    );
  });
});

/** The text with a part of it replaced by something else. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.nat(text.length),
      fc.nat(20),
      fc.constantFrom('', '"', '{', '}', ']', ',', 'null', '{{', '\\', '\u0000', '1e999'),
    )
    .map(([start, length, insert]) => text.slice(0, start) + insert + text.slice(start + length));
}

const words = [
  'name',
  'on',
  'event',
  'steps',
  'id',
  'call',
  'with',
  'if',
  'then',
  'else',
  'parallel',
  'wait',
  'until',
  'set',
  'emit',
];
const keys = fc.constantFrom(
  ...words,
  'var',
  '>',
  'map',
  'reduce',
  'missing_some',
  'literal',
  '__proto__',
  'constructor',
);
const { value: likeDefinition } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      '1s',
      'a',
      'orders.create',
      'payment.succeeded',
      '{{steps.a.b}}',
      '{{',
      [],
      {},
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  ),
}));
