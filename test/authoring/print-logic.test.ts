import { describe, expect, it } from 'vitest';
import { printFields, printLogic, printTemplate } from '../../authoring/print-logic.ts';
import type { Json } from '../../language/json.ts';

const amount = { var: 'event.payment.amount' };
const refund = { var: 'steps.refund' };

describe('an expression', () => {
  it.each<[string, Json, string]>([
    ['a comparison', { '>=': [amount, 1000000] }, 'event.payment.amount >= 1000000'],
    ['a strict comparison', { '!==': [refund, null] }, 'steps.refund !== null'],
    ['a range', { '<': [0, amount, 9] }, '0 < event.payment.amount < 9'],
    ['a membership', { in: [{ var: 'event.type' }, ['a', 'b']] }, 'event.type in ["a", "b"]'],
    ['a negation', { '!': refund }, 'not steps.refund'],
    ['a negated comparison', { '!': [{ '==': [1, 2] }] }, 'not (1 == 2)'],
    ['whether something is there', { '!!': [refund] }, 'steps.refund is set'],
    ['a path with a default', { var: ['steps.a.b', 0] }, 'steps.a.b else 0'],
    ['a default inside a comparison', { '>': [{ var: ['steps.a.b', 0] }, 1] }, '(steps.a.b else 0) > 1'],
    ['the item itself', { all: [refund, { '>': [{ var: '' }, 1] }] }, 'all(steps.refund, item > 1)'],
    ['a computed path', { var: { cat: ['a.', { var: 'index' }] } }, 'var(cat("a.", index))'],
    ['or inside and', { and: [{ or: [true, amount] }, false] }, '(true or event.payment.amount) and false'],
    ['and inside or', { or: [{ and: [true, amount] }, false] }, 'true and event.payment.amount or false'],
    ['a sum inside a product', { '*': [{ '+': [1, 2] }, { '%': [5, 2] }] }, '(1 + 2) * (5 % 2)'],
    ['a difference of differences', { '-': [1, { '-': [2, 3] }] }, '1 - (2 - 3)'],
    ['a negative', { '-': [{ '+': [1, 2] }] }, '-(1 + 2)'],
    ['a sign with one argument', { '+': ['3'] }, '+("3")'],
    ['a choice', { if: [{ '>': [amount, 1] }, 'a', 'b'] }, 'if event.payment.amount > 1 then "a" else "b"'],
    ['a choice inside a sum', { '+': [{ '?:': [true, 1, 2] }, 3] }, '(if true then 1 else 2) + 3'],
    ['a choice of many', { if: [true, 1, false, 2, 3] }, 'if(true, 1, false, 2, 3)'],
    ['a function', { floor: { '*': [amount, 0.05] } }, 'floor(event.payment.amount * 0.05)'],
    [
      'a JsonLogic rule',
      { jsonlogic: { rule: { var: 'a' }, data: { a: '{{event.id}}' } } },
      'jsonlogic({"var":"a"}, { a: event.id })',
    ],
    ['a function without arguments', { now: [] }, 'now()'],
    ['what is data', { literal: { max: 5 } }, '{"max":5}'],
    ['a list', [amount, 1], '[event.payment.amount, 1]'],
    ['what no operator is', { nonsense: 1 }, '{"nonsense":1}'],
    ['a bare argument where a list is usual', { and: true }, 'and(true)'],
  ])('shows %s', (_what, logic, expected) => {
    expect(printLogic(logic)).toBe(expected);
  });

  it('cuts a constant at the given length', () => {
    const long = { '==': [amount, 'x'.repeat(100)] };
    expect(printLogic(long)).toBe(`event.payment.amount == "${'x'.repeat(58)}…`);
    expect(printLogic(long, { longest: Infinity })).toBe(`event.payment.amount == "${'x'.repeat(100)}"`);
  });
});

describe('a template', () => {
  it.each<[string, Json, string]>([
    ['a lone path', '{{ event.id }}', 'event.id'],
    ['a path within a text', 'Order {{event.id}}', '"Order {{event.id}}"'],
    ['braces that stay open', '{{event', '"{{event"'],
    ['a text', 'receipt', '"receipt"'],
    ['an expression', { floor: [1.5] }, 'floor(1.5)'],
    [
      'an object',
      { a: '{{event.id}}', b: { max: [1, 2] }, c: [1, '{{index}}'] },
      '{ a: event.id, b: max(1, 2), c: [1, index] }',
    ],
    ['nothing', {}, '{}'],
  ])('shows %s', (_what, template, expected) => {
    expect(printTemplate(template)).toBe(expected);
  });

  it('prints a name as a name, even an operator’s', () => {
    expect(printFields({ max: '{{event.id}}' })).toBe('{ max: event.id }');
  });
});
