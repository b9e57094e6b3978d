import type { Json } from '../json.ts';
import type { OperatorName } from './operators.ts';

/** What authors read about an operator. Kept apart from the operators: no run needs it. */
export interface OperatorDoc {
  group: 'Data' | 'Logic' | 'Comparison' | 'Numbers' | 'Texts' | 'Lists' | 'Objects' | 'Time and money';
  /** One or two sentences. */
  description: string;
  example: {
    logic: Json;
    /** What paths see; default `{}`. */
    data?: Json;
    value: Json;
  };
}

const cart = {
  items: [
    { sku: 'tea', price: 300 },
    { sku: 'cup', price: 1200 },
  ],
};
const prices = { var: 'items' };

/** Every operator, in the order of the reference. A test evaluates each example. */
export const operatorDocs: Readonly<Record<OperatorName, OperatorDoc>> = {
  var: doc(
    'Data',
    'The value at a path. A path that finds nothing is an error, unless a default stands second.',
    { var: ['payment.note', 'none'] },
    'none',
    { payment: { amount: 5 } },
  ),
  missing: doc(
    'Data',
    'Those of the paths at which there is nothing, null or an empty text.',
    { missing: ['a', 'b'] },
    ['b'],
    { a: 1 },
  ),
  missing_some: doc(
    'Data',
    'An empty list where at least so many of the paths are there, or else those that are missing.',
    { missing_some: [1, ['a', 'b']] },
    [],
    { a: 1 },
  ),
  literal: doc(
    'Data',
    'Its argument as it stands: for data that looks like an expression.',
    { literal: { max: 5 } },
    { max: 5 },
  ),
  coalesce: doc(
    'Data',
    'The first argument that is neither null nor a path that is missing; null where there is none.',
    { coalesce: [{ var: 'nickname' }, { var: 'name' }, 'there'] },
    'Ana',
    { name: 'Ana' },
  ),
  if: doc(
    'Logic',
    'Pairs of a condition and a value, then the value for when none of them holds.',
    { if: [{ '>': [{ var: 'amount' }, 100] }, 'large', 'small'] },
    'small',
    { amount: 5 },
  ),
  '?:': doc('Logic', 'The same as `if`.', { '?:': [true, 1, 2] }, 1),
  and: doc(
    'Logic',
    'The first argument that does not hold, or else the last. An empty list and an empty text do not hold.',
    { and: [true, { '>': [3, 1] }] },
    true,
  ),
  or: doc('Logic', 'The first argument that holds, or else the last.', { or: [false, 'yes'] }, 'yes'),
  '!': doc('Logic', 'Whether its argument does not hold.', { '!': [[]] }, true),
  '!!': doc('Logic', 'Whether its argument holds.', { '!!': ['x'] }, true),
  jsonlogic: doc(
    'Logic',
    'Evaluates a rule by json-logic-js, for rules that come from elsewhere: a missing path is null, and types are converted. The rule is taken literally; the data is a template.',
    { jsonlogic: { rule: { '>': [{ var: 'amount' }, '100'] }, data: { amount: '{{payment.amount}}' } } },
    true,
    { payment: { amount: 250 } },
  ),
  '==': doc(
    'Comparison',
    'Equal in type and content; a number also equals a text that spells it.',
    { '==': ['12', 12] },
    true,
  ),
  '!=': doc('Comparison', 'Not equal as `==` has it.', { '!=': [1, 2] }, true),
  '===': doc(
    'Comparison',
    'Equal in type and content, lists and objects by their members.',
    { '===': ['12', 12] },
    false,
  ),
  '!==': doc('Comparison', 'Not equal as `===` has it.', { '!==': ['12', 12] }, true),
  '<': doc(
    'Comparison',
    'In order: two numbers or two texts, nothing else. With three arguments, both pairs.',
    { '<': [1, 2, 3] },
    true,
  ),
  '<=': doc('Comparison', 'In order, or equal.', { '<=': [1, 1] }, true),
  '>': doc(
    'Comparison',
    'In reverse order: two numbers or two texts.',
    { '>': [{ var: 'payment.amount' }, 100] },
    true,
    { payment: { amount: 250 } },
  ),
  '>=': doc('Comparison', 'In reverse order, or equal.', { '>=': [1, 2] }, false),
  in: doc('Comparison', 'Whether a list holds a value, or a text a text.', { in: ['card', ['card', 'qris']] }, true),
  '+': doc('Numbers', 'The sum of its arguments, which must be numbers.', { '+': [1, 2, 3] }, 6),
  '-': doc('Numbers', 'The difference; with one argument, its negative.', { '-': [5, 2] }, 3),
  '*': doc('Numbers', 'The product.', { '*': [{ var: 'amount' }, 0.05] }, 125, { amount: 2500 }),
  '/': doc('Numbers', 'The quotient. Division by zero is an error.', { '/': [10, 4] }, 2.5),
  '%': doc('Numbers', 'The remainder.', { '%': [10, 4] }, 2),
  min: doc('Numbers', 'The smallest of its arguments.', { min: [3, 1, 2] }, 1),
  max: doc('Numbers', 'The largest of its arguments.', { max: [3, 1, 2] }, 3),
  floor: doc('Numbers', 'Rounded down, of the decimal number: 0.29 * 100 is 29.', { floor: { '*': [0.29, 100] } }, 29),
  ceil: doc('Numbers', 'Rounded up.', { ceil: 1.2 }, 2),
  round: doc('Numbers', 'Rounded half away from zero.', { round: 2.5 }, 3),
  number: doc('Numbers', 'The number that a text spells, all of it.', { number: '12.50' }, 12.5),
  cat: doc('Texts', 'Texts, numbers and booleans, one behind the other.', { cat: ['INV-', 7] }, 'INV-7'),
  substr: doc(
    'Texts',
    'A part: start and length, each from the end where it is negative.',
    { substr: ['INV-2026', 4] },
    '2026',
  ),
  string: doc('Texts', 'A number or boolean as text.', { string: 12 }, '12'),
  lower: doc('Texts', 'In lower case.', { lower: 'IDR' }, 'idr'),
  upper: doc('Texts', 'In upper case.', { upper: 'idr' }, 'IDR'),
  trim: doc('Texts', 'Without white space at both ends.', { trim: ' a b ' }, 'a b'),
  length: doc('Texts', 'Of a text in UTF-16 code units, or of a list in items.', { length: { var: 'items' } }, 2, cart),
  sha256: doc(
    'Texts',
    'SHA-256 of the text in UTF-8, in hex.',
    { sha256: 'abc' },
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ),
  uuid: doc(
    'Texts',
    'A UUID (version 8) made of the run, the step and a count: the same again on a retry or a replay.',
    { uuid: [] },
    '00000000-0000-8000-8000-000000000000',
  ),
  map: doc(
    'Lists',
    'The list with each item replaced. Inside, paths start at the item.',
    { map: [prices, { var: 'sku' }] },
    ['tea', 'cup'],
    cart,
  ),
  filter: doc(
    'Lists',
    'The items for which the condition holds. Inside, paths start at the item.',
    { filter: [prices, { '>': [{ var: 'price' }, 500] }] },
    [{ sku: 'cup', price: 1200 }],
    cart,
  ),
  reduce: doc(
    'Lists',
    'One value from all items: paths start at `current` and `accumulator`; the initial value stands third.',
    { reduce: [prices, { '+': [{ var: 'accumulator' }, { var: 'current.price' }] }, 0] },
    1500,
    cart,
  ),
  all: doc(
    'Lists',
    'Whether the condition holds for every item; false for an empty list.',
    { all: [prices, { '>': [{ var: 'price' }, 100] }] },
    true,
    cart,
  ),
  some: doc(
    'Lists',
    'Whether it holds for at least one.',
    { some: [prices, { '===': [{ var: 'sku' }, 'tea'] }] },
    true,
    cart,
  ),
  none: doc('Lists', 'Whether it holds for none.', { none: [prices, { '===': [{ var: 'sku' }, 'jar'] }] }, true, cart),
  merge: doc(
    'Lists',
    'One list of all its arguments and the items of those that are lists.',
    { merge: [1, [2, 3]] },
    [1, 2, 3],
  ),
  sort: doc(
    'Lists',
    'Numbers by size or texts by code units; objects by a path that stands second.',
    { sort: [prices, 'sku'] },
    [
      { sku: 'cup', price: 1200 },
      { sku: 'tea', price: 300 },
    ],
    cart,
  ),
  unique: doc('Lists', 'Without repetitions; the first of the same stays.', { unique: [[1, 2, 1]] }, [1, 2]),
  flat: doc('Lists', 'A list of lists as one list, one level.', { flat: [[[1], [2, 3]]] }, [1, 2, 3]),
  sum: doc(
    'Lists',
    'The sum of a list of numbers; 0 where it is empty.',
    { sum: { map: [prices, { var: 'price' }] } },
    1500,
    cart,
  ),
  keys: doc('Objects', "An object's keys, in their order.", { keys: { var: '' } }, ['a', 'b'], { a: 1, b: 2 }),
  values: doc('Objects', "An object's values, in the order of the keys.", { values: { var: '' } }, [1, 2], {
    a: 1,
    b: 2,
  }),
  get: doc(
    'Objects',
    'The value at a path within a value, or the default that stands third.',
    { get: [prices, '0.sku'] },
    'tea',
    cart,
  ),
  now: doc(
    'Time and money',
    "The run's time as RFC 3339 in UTC. Only in steps, not in triggers.",
    { now: [] },
    '2026-01-31T02:00:00.000Z',
  ),
  addDuration: doc(
    'Time and money',
    'An instant and a duration; one with a minus goes back.',
    { addDuration: ['2026-01-31T09:00:00+07:00', '24h'] },
    '2026-02-01T02:00:00.000Z',
  ),
  formatDate: doc(
    'Time and money',
    "An instant by a pattern of `yyyy MMMM MMM MM M dd d EEEE EEE HH H mm ss SSS`, other words between '. An offset stands third; named zones are refused, since their rules change.",
    { formatDate: ['2026-01-31T20:00:00Z', 'd MMM yyyy, HH:mm', '+07:00'] },
    '1 Feb 2026, 03:00',
  ),
  formatMoney: doc(
    'Time and money',
    'Minor units and a currency of ISO 4217, with the digits that it has.',
    { formatMoney: [2500000, 'IDR'] },
    'IDR 25,000.00',
  ),
};

function doc(group: OperatorDoc['group'], description: string, logic: Json, value: Json, data?: Json): OperatorDoc {
  return { group, description, example: data === undefined ? { logic, value } : { logic, data, value } };
}
