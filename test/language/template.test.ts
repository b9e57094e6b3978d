import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionError } from '../../language/expression-error.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';
import { renderFields, renderTemplate } from '../../language/expression.ts';

const scope: Scope = {
  event: {
    payment: { orderId: null, amount: 2500000, paid: true, customer: { name: 'Ayu' } },
    data: { 'order-no': 'A 1' },
  },
  steps: { order: { id: 'ord_1' } },
  status: {},
  vars: { max: 5 },
  run: { id: 'r1', definition: 'paid' },
};

describe('a template', () => {
  it.each<[Json, Json]>([
    ['{{event.payment.amount}}', 2500000],
    ['{{ event.payment.amount }}', 2500000],
    ['{{event.payment.orderId}}', null],
    ['{{event.payment.customer}}', { name: 'Ayu' }],
    ['{{event.data.order-no}}', 'A 1'],
    [
      'Order {{steps.order.id}} of {{ event.payment.customer.name }}: {{event.payment.paid}}',
      'Order ord_1 of Ayu: true',
    ],
    ['{{vars.max}}{{vars.max}}', '55'],
    ['no braces, }} or { or {x}', 'no braces, }} or { or {x}'],
    ['', ''],
    [{ floor: { '*': [{ var: 'event.payment.amount' }, 0.05] } }, 125000],
    [{ literal: '{{not.a.path}}' }, '{{not.a.path}}'],
    [{ deep: [{ '+': [1, 2] }, '{{vars.max}}', null, true] }, { deep: [3, 5, null, true] }],
    [
      { max: 5, currency: 'IDR' },
      { max: 5, currency: 'IDR' },
    ],
    [{ unknown: { var: 'vars.max' } }, { unknown: 5 }],
    [
      { number: '4111', order: { sort: 'asc' } },
      { number: '4111', order: { sort: 'asc' } },
    ],
    [{ number: '4111' }, { number: '4111' }],
    [
      [{ max: 5 }, { in: null }, { lower: true }],
      [{ max: 5 }, { in: null }, { lower: true }],
    ],
    [{ number: { cat: ['4', '1'] } }, 41],
    [{ lower: ['ABC'] }, 'abc'],
    [{ '{{vars.max}}': 1 }, { '{{vars.max}}': 1 }],
  ])('%j becomes %j', (template, expected) => {
    expect(renderTemplate(template, scope)).toEqual(expected);
  });

  it.each<[Json, string, string]>([
    [
      '{{event.payment.amout}}',
      'PATH_MISSING',
      'event.payment.amout is missing: event.payment has no "amout". Did you mean "amount"? It has: orderId, amount, paid, customer.',
    ],
    [
      'Order {{event.payment.orderId}}',
      'EXPRESSION_TYPE',
      '{{event.payment.orderId}} is null. Within longer text it must be a text, a number or a boolean.',
    ],
    [
      'For {{event.payment.customer}}',
      'EXPRESSION_TYPE',
      '{{event.payment.customer}} is an object. Within longer text it must be a text, a number or a boolean.',
    ],
    [
      '{{event.payment',
      'EXPRESSION_INVALID',
      '"{{" is never closed with "}}". To write braces as plain text, use {"literal": …}.',
    ],
    [
      '{{}}',
      'EXPRESSION_INVALID',
      '"{{}}" does not hold a path such as {{event.payment.amount}}. To write braces as plain text, use {"literal": …}.',
    ],
    [
      '{{event payment}}',
      'EXPRESSION_INVALID',
      '"{{event payment}}" does not hold a path such as {{event.payment.amount}}. To write braces as plain text, use {"literal": …}.',
    ],
  ])('%j fails with %s', (template, code, message) => {
    expect(() => renderTemplate(template, scope)).toThrow(expect.objectContaining({ code: `KAIT_${code}`, message }));
  });

  it('makes no more than 262,144 characters of JSON', () => {
    const longText = 'x'.repeat(90_000);
    expect(renderTemplate([longText, longText], scope)).toHaveLength(2);
    expect(() => renderTemplate([longText, longText, longText], scope)).toThrow(
      'The expression is too expensive: its result has more than 262144 characters as JSON.',
    );
  });

  it('shares one budget among all its expressions', () => {
    const loop = { map: [Array<number>(900).fill(1), { '+': [1, 2] }] };
    expect(() => renderTemplate(Array<Json>(3).fill(loop), scope)).not.toThrow();
    expect(() => renderTemplate(Array<Json>(8).fill(loop), scope)).toThrow('it takes more than 20000 operations');
  });

  it('keeps a key that is called __proto__ an ordinary key', () => {
    const rendered = renderTemplate(JSON.parse('{ "__proto__": "{{vars.max}}", "a": 1 }') as Json, scope);
    expect(JSON.stringify(rendered)).toBe('{"__proto__":5,"a":1}');
    expect(Object.getPrototypeOf(rendered)).toBe(Object.prototype);
  });

  it('never fails but on purpose, whatever the text', () => {
    const pieces = fc.constantFrom('{{', '}}', '{', '}', ' ', '.', 'vars.max', 'event', '__proto__', 'x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        expect(outcome(parts.join(''))).toBe('deliberate');
      }),
      { numRuns: 2_000, seed: 3 },
    );
  });

  function outcome(text: string): unknown {
    try {
      renderTemplate(text, scope);
    } catch (error) {
      if (!(error instanceof ExpressionError)) return error;
    }
    return 'deliberate';
  }
});

describe('the fields of a step', () => {
  it('keep a single name that is also an operator', () => {
    expect(renderFields({ max: '{{vars.max}}' }, scope)).toEqual({ max: 5 });
  });

  it('are bounded together', () => {
    const longText = 'x'.repeat(90_000);
    expect(() => renderFields({ a: longText, b: longText, c: longText }, scope)).toThrow('its result has more than');
  });

  it('are templates each', () => {
    expect(renderFields({ total: { max: [1, 2] }, to: 'x' }, scope)).toEqual({ total: 2, to: 'x' });
  });
});
