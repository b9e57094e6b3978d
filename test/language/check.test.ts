import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, checkSteps, codesOf } from './check-steps.ts';

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
        hint: 'Expected: a letter, then letters, digits, - or _, such as orderId.',
        file: 'a.json',
        line: 4,
        column: 21,
        length: 5,
        pointer: '/steps/0/id',
      },
    ]);
  });

  it('shows a path within a text at its own place, and the whole text where escapes move it', () => {
    const plain = checkSteps({ id: 's', set: { a: 'é {{evnt.id}}' } }).findings[0];
    const escaped = checkSteps({ id: 's', set: { a: '" {{evnt.id}}' } }).findings[0];
    expect([plain?.length, escaped?.length]).toEqual([11, 16]);
  });

  it('finds everything at once, in the order of the text', () => {
    const found = checkSteps(
      { id: 'a', call: 'nothing', wiht: {} },
      { id: 'a', if: { '==': [1] }, emit: 'x y' },
      { id: 'c', wait: '{{steps.d}}' },
    );
    expect(found.definition).toBeNull();
    expect(codesOf(found)).toEqual([
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
    const { definition, findings } = checkSteps({ id: 'a', if: true, wait: '1s' });
    expect(findings.map(({ severity }) => severity)).toEqual(['warning']);
    expect(definition?.name).toBe('a');
  });

  it('follows the paths that missing and missing_some name', () => {
    const missing = { missing: ['event.entity', 'event.entiti'] };
    const some = { missing_some: [1, ['event.tenant', 'event.tennant']] };
    expect(codesOf(checkSteps({ id: 's', set: { a: missing, b: some } }))).toEqual([
      'KAIT1207 /steps/0/set/a/missing/1',
      'KAIT1207 /steps/0/set/b/missing_some/1/1',
    ]);
  });

  it('lets an event match by text, number or a text that spells one', () => {
    const match = { 'event.payment.orderId': 1001, 'event.payment.amount': 5, 'event.entity': 'no {{event.id}}' };
    const wait = { id: 'w', waitFor: 'payment.refunded', match, timeout: '1d' };
    expect(codesOf(checkSteps(wait))).toEqual([]);
  });

  it('holds the limits of a step against those of its definition', () => {
    const step = { id: 'a', call: 'orders.cancel', with: { orderId: 'o' }, timeout: '2m' };
    const rest = { name: 'a', on: { event: 'payment.succeeded' }, steps: [step] };
    const defaults = { deadline: '1m', heartbeat: '20s' };
    expect(codesOf(check(JSON.stringify({ ...rest, defaults })))).toEqual(['KAIT1118 /steps/0/timeout']);
    expect(codesOf(check(JSON.stringify({ ...rest, defaults: { deadline: '2m' } })))).toEqual([]);
  });

  it('leaves paths within the items of a list alone', () => {
    const filter = { filter: [{ var: 'event.data.items' }, { '>': [{ var: 'qty' }, 1] }] };
    expect(codesOf(checkSteps({ id: 's', set: { a: filter } }))).toEqual([]);
  });

  it('takes a literal for a constant condition, whatever it looks like', () => {
    expect(codesOf(checkSteps({ id: 'a', if: { literal: { var: 'event.id' } }, wait: '1s' }))).toEqual([
      'KAIT1305 /steps/0/if',
    ]);
  });

  it('points into the alternative that the author meant', () => {
    const text = { name: 'a', on: { event: ['payment.succeeded', 3] }, steps: [{ id: 'a', wait: { untill: 1 } }] };
    expect(codesOf(check(JSON.stringify(text)))).toEqual([
      'KAIT1103 /on/event/1',
      'KAIT1102 /steps/0/wait/until',
      'KAIT1101 /steps/0/wait/untill',
    ]);
  });

  it('escapes keys in pointers as RFC 6901 says', () => {
    expect(codesOf(checkSteps({ id: 's', set: { 'a~/b': 1 } }))).toEqual(['KAIT1109 /steps/0/set/a~0~1b']);
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
    expect(codesOf(checkSteps({ id, wait: '1s' }))).toEqual(['KAIT1110 /steps/0/id']);
  });

  it('takes an operator as a name where the author chooses names', () => {
    expect(codesOf(checkSteps({ id: 's', set: { max: '{{event.id}}' } }))).toEqual([]);
  });

  it('takes what is literal for data', () => {
    expect(codesOf(checkSteps({ id: 's', set: { a: { literal: { var: 'nothing', b: '{{x}}' } } } }))).toEqual([]);
  });

  it.each([
    ['a text of brackets', '['.repeat(100_000)],
    ['an object in an object', '{"a":'.repeat(10_000)],
    ['a file of a megabyte', ' '.repeat(1_000_000)],
  ])('rejects %s as too large', (_name, text) => {
    expect(check(text).findings.map(({ code }) => code)).toEqual(['KAIT1002']);
  });

  it('reports more than 500 steps, once', () => {
    const steps = Array.from({ length: 501 }, (_, position) => ({ id: `s${position}`, wait: '1s' }));
    expect(codesOf(checkSteps(...steps))).toEqual(['KAIT1002 /steps']);
    expect(codesOf(checkSteps(...steps.slice(1)))).toEqual([]);
  });

  it('shows 200 findings, and counts the errors beyond them', () => {
    const warnings = Array.from({ length: 200 }, (_, position) => ({ id: `s${position}`, if: true, wait: '1s' }));
    const { definition, findings } = checkSteps(...warnings, { id: 'last', if: { flor: 1 }, wait: '1s' });
    expect([findings.length, findings.some(({ severity }) => severity === 'error'), definition]).toEqual([
      200,
      false,
      null,
    ]);
  });

  it('reads past a byte order mark', () => {
    expect(check(`\uFEFF${example}`).findings).toEqual([]);
  });
});
