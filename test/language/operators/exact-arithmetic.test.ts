import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';

const largest = 9_007_199_254_740_991;
const remedy = 'Digits would be lost. Keep such a number as a text and compare it with texts, or use larger units.';
const beyond = (name: string) => `"${name}" got or gives a number beyond 9007199254740991 (2^53 - 1). ${remedy}`;
const tooManyDigits = (name: string) => `"${name}" got a text whose digits no number can hold. ${remedy}`;

describe('arithmetic', () => {
  it.each<[Json, number]>([
    [{ '+': [largest, 0] }, largest],
    [{ '-': [-largest, 0] }, -largest],
    [{ sum: [[largest, -1]] }, largest - 1],
    [{ number: '9007199254740991' }, largest],
    [{ number: '0009007199254740991.000' }, largest],
    [{ number: '0.1000' }, 0.1],
    [{ number: '0.000000000000000001' }, 1e-18],
    [{ number: '1e3' }, 1000],
    [{ number: '-0' }, 0],
    [{ floor: { '*': [9_999_999_999_999.95, 1] } }, 9_999_999_999_999],
  ])('keeps all digits of %j', (logic, expected) => {
    expect(evaluateLogic(logic, { event: null })).toBe(expected);
  });

  it.each<[string, Json]>([
    ['+', { '+': [largest, 1] }],
    ['+', { '-': [{ '+': [largest, 2] }, 2] }],
    ['+', { '+': [largest, 2, -2] }],
    ['*', { '*': [largest, 3, 0.1] }],
    ['-', { '-': [-largest, 1] }],
    ['-', { '-': 9_007_199_254_740_992 }],
    ['*', { '*': [largest, 1.5] }],
    ['*', { '*': [1e200, 1e200] }],
    ['/', { '/': [1e20, 1e10] }],
    ['%', { '%': [1e20, 7] }],
    ['min', { min: [1e20, 1] }],
    ['max', { max: [1e20, 1] }],
    ['floor', { floor: 1e20 }],
    ['ceil', { ceil: 1e20 }],
    ['round', { round: -1e20 }],
    ['number', { number: 1e20 }],
    ['sum', { sum: [[largest, 1, -1]] }],
  ])('fails if %s would lose digits: %j', (name, logic) => {
    expect(() => evaluateLogic(logic, { event: null })).toThrow(
      expect.objectContaining({ code: 'KAIT_EXPRESSION_TYPE', message: beyond(name) }),
    );
  });

  it.each(['floor', 'ceil', 'round'])(
    'fails if %s cannot tell the decimals from the noise of binary numbers',
    (name) => {
      expect(() => evaluateLogic({ [name]: { '*': [largest, 0.05] } }, { event: null })).toThrow(
        `"${name}" got a number beyond 10^13 with decimals. ${remedy}`,
      );
    },
  );
});

describe('a text with more digits than a number holds', () => {
  const event = { id: '9007199254740993', weight: '0.10000000000000000555' };

  it.each<[string, Json]>([
    ['number', { number: { var: 'event.id' } }],
    ['number', { number: { var: 'event.weight' } }],
    ['number', { number: '1e999' }],
    ['number', { number: '1e-999' }],
    ['==', { '==': [{ var: 'event.id' }, 9_007_199_254_740_992] }],
    ['==', { '==': [1, { var: 'event.id' }] }],
    ['!=', { '!=': [{ var: 'event.id' }, 1] }],
  ])('never becomes another number in %s: %j', (name, logic) => {
    expect(() => evaluateLogic(logic, { event })).toThrow(
      expect.objectContaining({ code: 'KAIT_EXPRESSION_TYPE', message: tooManyDigits(name) }),
    );
  });

  it.each<[Json, boolean]>([
    [{ '==': [{ var: 'event.id' }, '9007199254740993'] }, true],
    [{ '===': [{ var: 'event.id' }, '9007199254740992'] }, false],
    [{ '===': [{ var: 'event.id' }, 1] }, false],
  ])('is compared with texts: %j', (logic, expected) => {
    expect(evaluateLogic(logic, { event })).toBe(expected);
  });

  it('cannot be ordered with a number', () => {
    expect(() => evaluateLogic({ '<': [{ var: 'event.id' }, 1] }, { event })).toThrow(
      '"<" compares two numbers or two texts, got a string and a number.',
    );
  });
});

describe('the operator jsonlogic', () => {
  const evaluate = (rule: Json) =>
    evaluateLogic({ jsonlogic: { rule, data: { id: '9007199254740993', n: '12' } } }, { event: null });

  it.each<[Json, Json]>([
    [{ '+': [{ var: 'n' }, 1] }, 13],
    [{ cat: [{ var: 'id' }, 1] }, '90071992547409931'],
    [{ '==': [{ var: 'id' }, '9007199254740993'] }, true],
    [{ '<': [{ var: 'id' }, '91'] }, true],
  ])('converts what keeps its digits, and compares texts: %j', (rule, expected) => {
    expect(evaluate(rule)).toBe(expected);
  });

  it.each<[string, Json]>([
    ['+', { '+': { var: 'id' } }],
    ['max', { max: [{ var: 'id' }, 1] }],
    ['==', { '==': [{ var: 'id' }, 9_007_199_254_740_992] }],
    ['>', { '>': [1, { var: 'id' }] }],
    ['<', { '<': [1, 2, { var: 'id' }] }],
  ])('fails if json-logic-js would round a text in %s: %j', (name, rule) => {
    expect(() => evaluate(rule)).toThrow(tooManyDigits(name));
  });

  it.each<[string, Json]>([
    ['+', { '-': [{ '+': [largest, 2] }, 2] }],
    ['*', { '>': [{ '*': [largest, 3] }, 1] }],
  ])('fails if %s gives a number that lost digits, however it is used: %j', (name, rule) => {
    expect(() => evaluate(rule)).toThrow(beyond(name));
  });
});
