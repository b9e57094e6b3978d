import type { Json } from '../json.ts';
import type { OperatorName } from './operators.ts';

/** The documentation of an operator. Kept apart from the operators, because runs do not need it. */
export interface OperatorDoc {
  group: 'Data' | 'Logic' | 'Comparison' | 'Numbers' | 'Texts' | 'Lists' | 'Objects' | 'Time and money';
  /** One or two sentences. */
  description: string;
  example: {
    logic: Json;
    /** Where paths start. Default `{}`. */
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
    'The value at a path. A path that finds nothing is an error, unless the second argument gives a default.',
    { var: ['payment.note', 'none'] },
    'none',
    { payment: { amount: 5 } },
  ),
  missing: doc(
    'Data',
    'The paths that find nothing, null or an empty text, as a list.',
    { missing: ['a', 'b'] },
    ['b'],
    { a: 1 },
  ),
  missing_some: doc(
    'Data',
    'Takes a number and a list of paths. An empty list if at least that many find something, else the paths that do not.',
    { missing_some: [1, ['a', 'b']] },
    [],
    { a: 1 },
  ),
  literal: doc(
    'Data',
    'Its argument, not evaluated. For data that looks like an expression.',
    { literal: { max: 5 } },
    { max: 5 },
  ),
  coalesce: doc(
    'Data',
    'The first argument that is neither null nor a missing path, else null.',
    { coalesce: [{ var: 'nickname' }, { var: 'name' }, 'there'] },
    'Ana',
    { name: 'Ana' },
  ),
  if: doc(
    'Logic',
    'Takes condition, value, condition, value, …, and a last value. Gives the value after the first true condition, else the last value.',
    { if: [{ '>': [{ var: 'amount' }, 100] }, 'large', 'small'] },
    'small',
    { amount: 5 },
  ),
  '?:': doc('Logic', 'The same as `if`.', { '?:': [true, 1, 2] }, 1),
  and: doc(
    'Logic',
    'The first argument that counts as false, else the last one. False, null, 0, an empty text and an empty list count as false.',
    { and: [true, { '>': [3, 1] }] },
    true,
  ),
  or: doc('Logic', 'The first argument that counts as true, else the last one.', { or: [false, 'yes'] }, 'yes'),
  '!': doc('Logic', 'Whether its argument counts as false.', { '!': [[]] }, true),
  '!!': doc('Logic', 'Whether its argument counts as true.', { '!!': ['x'] }, true),
  jsonlogic: doc(
    'Logic',
    'Evaluates a rule from another tool with json-logic-js: missing paths are null, and types are converted, but never where digits would be lost. `rule` is taken as it is; `data`, which its paths read, is a template.',
    { jsonlogic: { rule: { '>': [{ var: 'amount' }, '100'] }, data: { amount: '{{payment.amount}}' } } },
    true,
    { payment: { amount: 250 } },
  ),
  '==': doc(
    'Comparison',
    'Like `===`, but a number also equals a text that spells it. A text with more digits than a number holds is an error beside a number.',
    { '==': ['12', 12] },
    true,
  ),
  '!=': doc('Comparison', 'The opposite of `==`.', { '!=': [1, 2] }, true),
  '===': doc(
    'Comparison',
    'Equal in type and content. Lists and objects are compared by their members.',
    { '===': ['12', 12] },
    false,
  ),
  '!==': doc('Comparison', 'The opposite of `===`.', { '!==': ['12', 12] }, true),
  '<': doc(
    'Comparison',
    'Less than, for two numbers or two texts. With three arguments, both pairs must be in order.',
    { '<': [1, 2, 3] },
    true,
  ),
  '<=': doc('Comparison', 'Less than or equal.', { '<=': [1, 1] }, true),
  '>': doc(
    'Comparison',
    'Greater than, for two numbers or two texts.',
    { '>': [{ var: 'payment.amount' }, 100] },
    true,
    { payment: { amount: 250 } },
  ),
  '>=': doc('Comparison', 'Greater than or equal.', { '>=': [1, 2] }, false),
  in: doc(
    'Comparison',
    'Whether the second argument contains the first: a list a value, compared as by `===`, or a text a part.',
    { in: ['card', ['card', 'qris']] },
    true,
  ),
  '+': doc('Numbers', 'The sum of its arguments. All must be numbers.', { '+': [1, 2, 3] }, 6),
  '-': doc('Numbers', 'The difference, or with one argument its negative.', { '-': [5, 2] }, 3),
  '*': doc('Numbers', 'The product.', { '*': [{ var: 'amount' }, 0.05] }, 125, { amount: 2500 }),
  '/': doc('Numbers', 'The quotient. Division by zero is an error.', { '/': [10, 4] }, 2.5),
  '%': doc('Numbers', 'The remainder.', { '%': [10, 4] }, 2),
  min: doc('Numbers', 'The smallest of its arguments.', { min: [3, 1, 2] }, 1),
  max: doc('Numbers', 'The largest of its arguments.', { max: [3, 1, 2] }, 3),
  floor: doc('Numbers', 'Rounded down as a decimal number: 0.29 * 100 gives 29.', { floor: { '*': [0.29, 100] } }, 29),
  ceil: doc('Numbers', 'Rounded up.', { ceil: 1.2 }, 2),
  round: doc('Numbers', 'Rounded half away from zero.', { round: 2.5 }, 3),
  number: doc(
    'Numbers',
    'A text as a number. The whole text must be a decimal number whose digits a number can hold.',
    { number: '12.50' },
    12.5,
  ),
  cat: doc('Texts', 'Joins texts, numbers and booleans.', { cat: ['INV-', 7] }, 'INV-7'),
  substr: doc(
    'Texts',
    'A part of a text, by start and length. Negative values count from the end.',
    { substr: ['INV-2026', 4] },
    '2026',
  ),
  string: doc('Texts', 'A number or boolean as a text.', { string: 12 }, '12'),
  lower: doc('Texts', 'The text in lower case.', { lower: 'IDR' }, 'idr'),
  upper: doc('Texts', 'The text in upper case.', { upper: 'idr' }, 'IDR'),
  trim: doc('Texts', 'The text without white space at both ends.', { trim: ' a b ' }, 'a b'),
  padStart: doc(
    'Texts',
    'A text, or a whole number from 0, filled up at its start with a character until it has the length. A longer one stays as it is.',
    { padStart: [42, 6, '0'] },
    '000042',
  ),
  join: doc(
    'Texts',
    'Joins the texts, numbers and booleans of a list, with the second argument between them.',
    { join: [{ map: [prices, { var: 'sku' }] }, ', '] },
    'tea, cup',
    cart,
  ),
  split: doc('Texts', 'A list of the parts of a text between the separators.', { split: ['tea,cup', ','] }, [
    'tea',
    'cup',
  ]),
  urlEncode: doc(
    'Texts',
    'A text, number or boolean as a part of a URL or of a form: every character but letters, digits and `-._~` is percent-encoded (RFC 3986). The values in the URL of an `http` step need none of it.',
    { urlEncode: 'a/b & c' },
    'a%2Fb%20%26%20c',
  ),
  base64: doc(
    'Texts',
    'Base64 of the text in UTF-8. With "url" second, in the alphabet for URLs and without padding.',
    { base64: 'shop:42' },
    'c2hvcDo0Mg==',
  ),
  length: doc(
    'Texts',
    'The length of a text in UTF-16 code units, or of a list in items.',
    { length: { var: 'items' } },
    2,
    cart,
  ),
  sha256: doc(
    'Texts',
    'SHA-256 of the text in UTF-8, in hex.',
    { sha256: 'abc' },
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ),
  uuid: doc(
    'Texts',
    'A UUID (version 8) derived from the run, the step and a counter. It stays the same on retries and replays.',
    { uuid: [] },
    '00000000-0000-8000-8000-000000000000',
  ),
  map: doc(
    'Lists',
    'A list of what the second argument gives for each item. Its paths start at the item.',
    { map: [prices, { var: 'sku' }] },
    ['tea', 'cup'],
    cart,
  ),
  filter: doc(
    'Lists',
    'The items for which the condition is true. Paths in the condition start at the item; see [outer values](#outer-values).',
    { filter: [prices, { '>': [{ var: 'price' }, 500] }] },
    [{ sku: 'cup', price: 1200 }],
    cart,
  ),
  reduce: doc(
    'Lists',
    'Evaluates the second argument for each item. In it, `current` is the item and `accumulator` the result so far, at first the third argument. Gives the last result.',
    { reduce: [prices, { '+': [{ var: 'accumulator' }, { var: 'current.price' }] }, 0] },
    1500,
    cart,
  ),
  all: doc(
    'Lists',
    'Whether the condition is true for every item. False for an empty list.',
    { all: [prices, { '>': [{ var: 'price' }, 100] }] },
    true,
    cart,
  ),
  some: doc(
    'Lists',
    'Whether the condition is true for at least one item.',
    { some: [prices, { '===': [{ var: 'sku' }, 'tea'] }] },
    true,
    cart,
  ),
  none: doc(
    'Lists',
    'Whether the condition is true for no item.',
    { none: [prices, { '===': [{ var: 'sku' }, 'jar'] }] },
    true,
    cart,
  ),
  merge: doc(
    'Lists',
    'One list of all arguments. Arguments that are lists add their items.',
    { merge: [1, [2, 3]] },
    [1, 2, 3],
  ),
  sort: doc(
    'Lists',
    'Sorts numbers by size and texts by code units. The second argument is a path to sort objects by.',
    { sort: [prices, 'sku'] },
    [
      { sku: 'cup', price: 1200 },
      { sku: 'tea', price: 300 },
    ],
    cart,
  ),
  unique: doc('Lists', 'The list without duplicates. The first of equal items stays.', { unique: [[1, 2, 1]] }, [1, 2]),
  flat: doc('Lists', 'Joins a list of lists into one list, by one level.', { flat: [[[1], [2, 3]]] }, [1, 2, 3]),
  sum: doc(
    'Lists',
    'The sum of a list of numbers. 0 for an empty list.',
    { sum: { map: [prices, { var: 'price' }] } },
    1500,
    cart,
  ),
  keys: doc('Objects', 'The keys of an object, in their order.', { keys: { var: '' } }, ['a', 'b'], { a: 1, b: 2 }),
  values: doc('Objects', 'The values of an object, in the order of the keys.', { values: { var: '' } }, [1, 2], {
    a: 1,
    b: 2,
  }),
  get: doc(
    'Objects',
    'The value at a path within another value. The third argument is a default.',
    { get: [prices, '0.sku'] },
    'tea',
    cart,
  ),
  now: doc(
    'Time and money',
    'The current time of the run, as RFC 3339 in UTC. Only in steps, not in triggers.',
    { now: [] },
    '2026-01-31T02:00:00.000Z',
  ),
  addDuration: doc(
    'Time and money',
    'An instant plus a duration. A leading minus subtracts.',
    { addDuration: ['2026-01-31T09:00:00+07:00', '24h'] },
    '2026-02-01T02:00:00.000Z',
  ),
  fromUnix: doc(
    'Time and money',
    'A Unix time, in whole seconds, as RFC 3339 in UTC. With "ms" second, in milliseconds. Seconds end before 100,000,000,000, where milliseconds begin, so that a mistaken unit is an error.',
    { fromUnix: { var: 'paidAt' } },
    '2026-01-31T02:00:00.000Z',
    { paidAt: 1769824800 },
  ),
  formatDate: doc(
    'Time and money',
    "An instant as a text. The pattern may use `yyyy MMMM MMM MM M dd d EEEE EEE HH H mm ss SSS`; put other words between '. The third argument is an offset. Named time zones are not supported, because their rules change.",
    { formatDate: ['2026-01-31T20:00:00Z', 'd MMM yyyy, HH:mm', '+07:00'] },
    '1 Feb 2026, 03:00',
  ),
  formatMoney: doc(
    'Time and money',
    'An amount in minor units and an ISO 4217 currency, with the digits of that currency. The amount may be a text of digits if it is beyond 2^53.',
    { formatMoney: [2500000, 'IDR'] },
    'IDR 25,000.00',
  ),
};

function doc(group: OperatorDoc['group'], description: string, logic: Json, value: Json, data?: Json): OperatorDoc {
  return { group, description, example: data === undefined ? { logic, value } : { logic, data, value } };
}
