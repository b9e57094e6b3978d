import fc from 'fast-check';
import type { Json } from '../../language/json.ts';

/** What {@link hostileExpression} reads: long, wide and deep, with keys that are called like members of every object. */
export const hostileEvent: Json = {
  list: Array.from({ length: 300 }, (_, index) => (index * 7_919) % 300),
  texts: Array.from({ length: 100 }, (_, index) => `${'x'.repeat(500)}${(index * 7_919) % 100}`),
  lists: Array<Json>(40).fill(Array<Json>(200).fill(0)),
  objects: Array<Json>(40).fill(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`key${index}`, index]))),
  text: 'a'.repeat(20_000),
  deep: Array<Json>(60)
    .fill(0)
    .reduce((a) => ({ a }), 1),
  hostile: JSON.parse('{"__proto__":{"length":3},"constructor":[1],"toString":"x","huge":1e999,"minus":-0}') as Json,
};

const deepPath = `event.deep.${Array<string>(60).fill('a').join('.')}`;
const variable = (...paths: string[]) => fc.constantFrom(...paths).map((path): Json => ({ var: path }));
const operator = (name: string, ...args: fc.Arbitrary<Json>[]) =>
  fc.tuple(...args).map((values): Json => ({ [name]: values }));
const oneOf = <Value>(...names: Value[]) => fc.constantFrom(...names);
const operators = (names: string[], ...args: fc.Arbitrary<Json>[]) =>
  fc.tuple(oneOf(...names), fc.tuple(...args)).map(([name, values]): Json => ({ [name]: values }));

/**
 * Expressions that mostly have the types that operators want, so that they get to do their work: loops within loops, texts and lists
 * that double, sorts, comparisons and hashes of all that. Out of a loop, paths to its item miss.
 */
export const { any: hostileExpression } = fc.letrec<
  Record<'any' | 'list' | 'text' | 'number' | 'object' | 'truth', Json>
>((tie) => {
  const [any, list, text, number, object, truth] = [
    tie('any'),
    tie('list'),
    tie('text'),
    tie('number'),
    tie('object'),
    tie('truth'),
  ];
  const depth = { maxDepth: 5, depthSize: 'small' } as const;
  const doubling = oneOf<Json>([{ var: 'accumulator' }, { var: 'accumulator' }]);
  return {
    any: fc.oneof(
      depth,
      variable('', 'event', 'line', 'accumulator', 'current', '__proto__', 'event.hostile.constructor', deepPath),
      list,
      text,
      number,
      object,
      truth,
      operator('coalesce', variable('event.lisd', 'nothing', `${deepPath}.b`), any),
      operator('get', any, oneOf('a.a', '0', '__proto__', 'length'), any),
      operator('if', truth, any, any),
      fc.array(any, { maxLength: 4 }),
    ),
    list: fc.oneof(
      depth,
      variable('event.list', 'event.texts', 'event.lists', 'event.objects', 'accumulator', ''),
      operators(['map', 'filter'], list, any),
      operators(['map', 'filter'], list, any, oneOf('line', 'event')),
      operators(['sort', 'unique', 'flat'], list),
      operators(['keys', 'values'], object),
      operator('split', text, oneOf('x', '', 'xx')),
      operator('merge', list, list),
      operator('missing', list),
      fc.tuple(list, doubling, any).map(([over, twice, first]): Json => ({ reduce: [over, { merge: twice }, first] })),
      fc.tuple(list, doubling, any).map(([over, twice, first]): Json => ({ reduce: [over, twice, first] })),
    ),
    text: fc.oneof(
      depth,
      oneOf<Json>('x'.repeat(64), 'ß', '\ud83e', { now: [] }, { uuid: [] }),
      variable('event.text', 'event.texts.7', 'event.hostile.toString', 'accumulator', ''),
      operators(['lower', 'upper', 'trim', 'sha256', 'urlEncode', 'base64'], text),
      operator('join', list, text),
      operator('padStart', fc.oneof(text, number), number, oneOf('0', '', 'ab')),
      operator('fromUnix', number),
      operator('cat', text, text, number),
      operator('string', number),
      operator('substr', text, number, number),
      operator('formatMoney', number, oneOf('IDR', 'JPY', 'XXX')),
      operator('formatDate', oneOf<Json>('2026-01-31T09:00:00Z', { now: [] }), oneOf('d MMM yyyy', 'q')),
      fc.tuple(list, doubling, text).map(([over, twice, first]): Json => ({ reduce: [over, { cat: twice }, first] })),
    ),
    number: fc.oneof(
      depth,
      oneOf<Json>(0, -1, 0.1, 1e308, 5e-324, 9_007_199_254_740_991),
      variable('event.list.5', 'event.hostile.huge', 'event.hostile.minus', 'accumulator', ''),
      operators(['+', '*', '-', '/', '%', 'min', 'max'], number, number),
      operators(['floor', 'ceil', 'round'], number),
      operator('length', fc.oneof(text, list)),
      operator('sum', list),
      operator('number', text),
    ),
    object: fc.oneof(
      depth,
      variable('event', 'event.deep', 'event.objects.3', 'event.hostile', ''),
      oneOf<Json>({ literal: JSON.parse('{"__proto__":1}') as Json }),
    ),
    truth: fc.oneof(
      depth,
      oneOf<Json>(true, false, { '!!': [{ var: '' }] }),
      operators(['===', '!==', '==', '!='], any, any),
      operators(['<', '>='], fc.oneof(number, text), fc.oneof(number, text)),
      operator('in', any, fc.oneof(list, text)),
      operators(['all', 'some', 'none'], list, truth),
      operators(['all', 'some', 'none'], list, truth, oneOf('line')),
      operators(['and', 'or'], any, any),
    ),
  };
});
