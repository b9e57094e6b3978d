import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';

const scope: Scope = {
  event: {
    payment: { id: 'pi_1', orderId: null, amount: 2500000, currency: 'IDR', customer: { email: null } },
    data: {
      items: [
        { sku: 'a', qty: 2 },
        { sku: 'b', qty: 1 },
      ],
      total: '10000.00',
    },
  },
  steps: { order: { id: 'ord_1' }, cashback: null },
  status: { order: 'done', cashback: 'skipped' },
  vars: {},
  run: { id: 'r1', definition: 'paid' },
};

describe('an expression', () => {
  it.each<[Json, Json]>([
    [{ '>=': [{ var: 'event.payment.amount' }, 1000000] }, true],
    [{ var: 'event.payment.orderId' }, null],
    [{ var: 'event.data.items.1.sku' }, 'b'],
    [{ var: ['event.data.nothing', 7] }, 7],
    [{ var: ['steps.cashback.id', null] }, null],
    [{ floor: { '*': [{ var: 'event.payment.amount' }, 0.05] } }, 125000],
    [{ floor: { '*': [0.29, 100] } }, 29],
    [{ ceil: { '*': [1.1, 100] } }, 110],
    [{ floor: -2.5 }, -3],
    [{ round: 2.5 }, 3],
    [{ round: -2.5 }, -3],
    [{ round: 2.4999 }, 2],
    [{ number: { var: 'event.data.total' } }, 10000],
    [{ string: 12 }, '12'],
    [{ '==': [{ var: 'event.data.total' }, 10000] }, true],
    [{ '==': ['', 0] }, false],
    [{ '==': [null, 0] }, false],
    [{ '===': [{ literal: { a: 1, b: [2] } }, { literal: { b: [2], a: 1 } }] }, true],
    [{ '===': [[], { literal: {} }] }, false],
    [{ '===': [{ literal: {} }, []] }, false],
    [{ '===': [[5], { literal: { 0: 5, length: 1 } }] }, false],
    [{ '===': [[1, null], [1]] }, false],
    [{ '===': [[1], [1, null]] }, false],
    [{ '===': [{ literal: { a: null } }, { literal: { b: null } }] }, false],
    [{ '===': [{ literal: { a: 1 } }, { literal: { a: 1, b: 2 } }] }, false],
    [{ in: ['b', { map: [{ var: 'event.data.items' }, { var: 'sku' }] }] }, true],
    [{ '<': [1, 2, 3] }, true],
    [{ '<': ['10', '9'] }, true],
    [{ reduce: [{ var: 'event.data.items' }, { '+': [{ var: 'accumulator' }, { var: 'current.qty' }] }, 0] }, 3],
    [{ literal: { var: 'x' } }, { var: 'x' }],
    [{ if: [false, { var: 'never.evaluated' }, 'else'] }, 'else'],
    [{ '-': [0] }, 0],
  ])('%j is %j', (logic, expected) => {
    expect(evaluateLogic(logic, scope)).toEqual(expected);
  });

  it.each<[Json, string, string]>([
    [
      { var: 'event.payment.amounts' },
      'PATH_MISSING',
      'event.payment.amounts is missing: event.payment has no "amounts". Did you mean "amount"? ' +
        'It has: id, orderId, amount, currency, customer.',
    ],
    [
      { var: 'steps.cashback.id' },
      'PATH_MISSING',
      'steps.cashback.id is missing: steps.cashback is null, so it has no "id".',
    ],
    [
      { var: 'event.data.items.2' },
      'PATH_MISSING',
      'event.data.items.2 is missing: event.data.items is a list of 2, so it has no "2".',
    ],
    [
      { var: 'event.data.total.0' },
      'PATH_MISSING',
      'event.data.total.0 is missing: event.data.total is a string, so it has no "0".',
    ],
    [
      { var: 'nothing' },
      'PATH_MISSING',
      'nothing is missing: the data here has no "nothing". It has: event, steps, status, vars, run.',
    ],
    [
      { '<=': [{ var: 'event.payment.orderId' }, 0] },
      'EXPRESSION_TYPE',
      '"<=" compares two numbers or two texts, got null and a number.',
    ],
    [{ '>': ['5', 3] }, 'EXPRESSION_TYPE', '">" compares two numbers or two texts, got a string and a number.'],
    [{ '+': ['1', 1] }, 'EXPRESSION_TYPE', '"+" expects numbers (for a text use {"number": …}), got a string.'],
    [{ '/': [1, 0] }, 'EXPRESSION_TYPE', '"/" gives Infinity: divided by zero or too large.'],
    [{ number: '12abc' }, 'EXPRESSION_TYPE', '"number" expects a text that spells a decimal number.'],
    [{ cat: ['a', null] }, 'EXPRESSION_TYPE', '"cat" expects texts, numbers and booleans, got null.'],
    [{ map: ['abc', 1] }, 'EXPRESSION_TYPE', '"map" expects a list, got a string.'],
    [{ in: ['a', null] }, 'EXPRESSION_TYPE', '"in" expects a list or a text to look in, got null.'],
    [{ substr: ['abc', 0.5] }, 'EXPRESSION_TYPE', '"substr" expects whole numbers as start and length, got a number.'],
    [{ '==': [1] }, 'EXPRESSION_INVALID', '"==" takes 2 arguments, got 1.'],
    [{ substr: ['a'] }, 'EXPRESSION_INVALID', '"substr" takes 2 or 3 arguments, got 1.'],
    [{ if: [true] }, 'EXPRESSION_INVALID', '"if" takes at least 2 arguments, got 1.'],
    [{ '!': [] }, 'EXPRESSION_INVALID', '"!" takes 1 argument, got 0.'],
    [{ flor: 1 }, 'EXPRESSION_INVALID', 'Unknown operator "flor". Did you mean "floor"?'],
    [{ log: 'x' }, 'EXPRESSION_INVALID', 'Unknown operator "log".'],
    [{ constructor: 1 }, 'EXPRESSION_INVALID', 'Unknown operator "constructor".'],
    [
      { '>': [1, 2], '<': [1, 2] },
      'EXPRESSION_INVALID',
      'An expression is an object with exactly one operator, but this one has 2 keys. Put data into {"literal": …}.',
    ],
  ])('%j fails with %s: %s', (logic, code, message) => {
    expect(() => evaluateLogic(logic, scope)).toThrow(expect.objectContaining({ code: `KAIT_${code}`, message }));
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'event.constructor.name',
    'event.__proto__',
    'event.data.items.length',
    'event.data.total.length',
    'event.data.items.-1',
    'event.data.items.01',
  ])('cannot reach %s', (path) => {
    expect(() => evaluateLogic({ var: path }, scope)).toThrow('is missing');
    expect(evaluateLogic({ missing: [path] }, scope)).toEqual([path]);
  });

  it('sees a key that is called like a member of every object, where the data has it', () => {
    const event = JSON.parse('{ "__proto__": { "hasOwnProperty": 1 }, "constructor": 2 }') as Json;
    expect(evaluateLogic({ var: 'event.__proto__.hasOwnProperty' }, { event })).toBe(1);
    expect(evaluateLogic({ var: 'event.constructor' }, { event })).toBe(2);
  });
});

it('guesses at no key that is long: nobody mistypes one, and it takes time', () => {
  const key = 'k'.repeat(41);
  const message = (part: string) => `${part} is missing: the data here has no "${part}". It has: ${key}.`;
  expect(() => evaluateLogic({ var: `${key}k` }, { [key]: 1 } as unknown as Scope)).toThrow(message(`${key}k`));
});

describe('the result of an expression', () => {
  it('is a number that JSON holds, even where the data has none', () => {
    const event = JSON.parse('{ "n": 1e999 }') as Json;
    expect(() => evaluateLogic({ var: 'event.n' }, { event })).toThrow(
      'The result is Infinity, which JSON cannot hold.',
    );
  });
});

describe('the limits of an expression', () => {
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const doubling = { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] };
  const nested = (levels: number): Json => (levels === 0 ? 1 : { '!': [nested(levels - 1)] });

  it.each<[string, Json, string]>([
    ['a text that doubles', { reduce: [[...ten, ...ten], doubling, 'x'] }, 'a text gets longer than 100000 characters'],
    [
      'a list that grows',
      { merge: [{ literal: Array(6_000).fill(0) }, { literal: Array(6_000).fill(0) }] },
      'a list gets longer than 10000 items',
    ],
    [
      'a small graph that stands for a huge tree',
      { reduce: [[...ten, ...ten, ...ten], [{ var: 'accumulator' }, { var: 'accumulator' }], 0] },
      'its result has more than 262144 characters as JSON',
    ],
    ['a comparison of two huge trees', { '===': [hugeTree(), hugeTree()] }, 'it takes more than 20000 operations'],
    [
      'a result that nests',
      { reduce: [Array(80).fill(1), [{ var: 'accumulator' }], 0] },
      'its result is nested more than 64 levels deep',
    ],
    ['nesting', nested(65), 'it is nested more than 64 levels deep'],
  ])('stop %s', (_name, logic, reason) => {
    expect(() => evaluateLogic(logic, scope)).toThrow(`The expression is too expensive: ${reason}.`);
  });

  function hugeTree(): Json {
    return { reduce: [[...ten, ...ten, ...ten], [{ var: 'accumulator' }, { var: 'accumulator' }], 0] };
  }

  it('stop loops within loops', () => {
    const loops = (levels: number): Json => (levels === 0 ? 1 : { map: [ten, loops(levels - 1)] });
    expect(() => evaluateLogic(loops(5), scope)).toThrow('it takes more than 20000 operations');
  });

  it('leave room for a thousand line items', () => {
    const items = Array.from({ length: 1_000 }, () => ({ qty: 2, price: 5 }));
    const line = { '*': [{ var: 'current.qty' }, { var: 'current.price' }] };
    const sum = { reduce: [{ var: 'event.items' }, { '+': [{ var: 'accumulator' }, line] }, 0] };
    expect(evaluateLogic(sum, { event: { items } })).toBe(10_000);
  });
});
