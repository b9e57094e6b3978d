import { expect, it } from 'vitest';
import { explainCondition } from '../../language/explain-condition.ts';
import type { Json } from '../../language/json.ts';

const scope = {
  event: {
    payment: { amount: 2_500_000, currency: 'IDR', customer: { email: null } },
    data: { lines: [{ sku: 'tea', count: 2 }], note: 'x'.repeat(100) },
  },
};
const amount = { var: 'event.payment.amount' };
const email = { var: 'event.payment.customer.email' };
const currency = { var: 'event.payment.currency' };

it.each<[string, Json, string]>([
  ['a comparison', { '>=': [amount, 1_000_000] }, 'event.payment.amount (2500000) >= 1000000'],
  ['a range', { '<': [0, amount, 9] }, '0 < event.payment.amount (2500000) < 9'],
  ['a text', { '==': [currency, 'IDR'] }, 'event.payment.currency ("IDR") == "IDR"'],
  ['whether something is there', { '!!': email }, 'event.payment.customer.email (null) is set'],
  ['a negation', { '!': [{ '==': [currency, 'IDR'] }] }, 'not (event.payment.currency ("IDR") == "IDR")'],
  ['a bare path', amount, 'event.payment.amount (2500000)'],
  ['a constant', true, 'true'],
  ['a calculation', { '>': [{ '*': [amount, 2] }, 10] }, '(event.payment.amount (2500000) * 2 = 5000000) > 10'],
  ['a function', { '>': [{ floor: 1.5 }, 1] }, '(floor(1.5) = 1) > 1'],
  ['a list', { in: [currency, ['IDR', 'SGD']] }, 'event.payment.currency ("IDR") in ["IDR", "SGD"]'],
  ['a path with a default', { '==': [{ var: ['event.nothing', 5] }, 5] }, 'event.nothing (missing, so 5) == 5'],
  ['a path that is missing', { '==': [{ var: 'event.nothing' }, 5] }, 'event.nothing (missing) == 5'],
  [
    'a JsonLogic rule with the data that it saw',
    { jsonlogic: { rule: { '>': [{ var: 'a' }, 1] }, data: { a: '{{event.payment.amount}}' } } },
    'jsonlogic({">":[{"var":"a"},1]}, {"a":2500000})',
  ],
  ['what is data', { '==': [{ literal: { a: 1 } }, 1] }, '{"a":1} == 1'],
  ['what is missing', { missing: ['event.a', 'event.b'] }, 'missing("event.a", "event.b")'],
  [
    'items, which have many values',
    { some: [{ var: 'event.data.lines' }, { '>': [{ var: 'count' }, 1] }] },
    'some(event.data.lines ([{"sku":"tea","count":2}]), count > 1)',
  ],
  [
    'the item itself',
    { none: [{ var: 'event.data.lines' }, { '==': [{ var: '' }, 1] }] },
    'none(event.data.lines ([{"sku":"tea","count":2}]), item == 1)',
  ],
  ['what no operator is', { nonsense: 1 }, '{"nonsense":1}'],
  ['the time', { '>': [{ now: [] }, '2026'] }, '(now() = "2026-01-01T00:00:00.000Z") > "2026"'],
])('shows %s with the values seen', (_what, logic, expected) => {
  expect(explainCondition(logic, { scope, nowMs: Date.parse('2026-01-01T00:00:00Z') })).toBe(expected);
});

const yes = { '>': [amount, 1] };
const no = { '<': [amount, 1] };
it.each<[string, Json, string]>([
  ['the part that is false, of an "and" that is', { and: [yes, no, yes] }, 'event.payment.amount (2500000) < 1'],
  [
    'every part of an "and" that holds',
    { and: [yes, { '!!': currency }] },
    'event.payment.amount (2500000) > 1 and event.payment.currency ("IDR") is set',
  ],
  ['the part that holds, of an "or" that does', { or: [no, yes] }, 'event.payment.amount (2500000) > 1'],
  [
    'every part of an "or" that does not hold',
    { or: [no, { '!!': email }] },
    'event.payment.amount (2500000) < 1 or event.payment.customer.email (null) is set',
  ],
  [
    'the part within a part',
    { and: [yes, { or: [no, { and: [yes, no] }] }] },
    'event.payment.amount (2500000) < 1 or event.payment.amount (2500000) < 1',
  ],
  [
    'past a part that fails, what decided',
    { or: [yes, { '>': [{ var: 'event.nothing' }, 1] }] },
    'event.payment.amount (2500000) > 1',
  ],
])('shows %s', (_what, logic, expected) => {
  expect(explainCondition(logic, { scope, nowMs: 0 })).toBe(expected);
});

it('cuts what is long', () => {
  const long = { '==': [{ var: 'event.data.note' }, 'y'] };
  expect(explainCondition(long, { scope, nowMs: 0 })).toBe(`event.data.note ("${'x'.repeat(58)}…) == "y"`);
  expect(explainCondition({ or: Array.from({ length: 50 }, () => no) }, { scope, nowMs: 0 })).toHaveLength(300);
});
