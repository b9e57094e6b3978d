import fc from 'fast-check';
import type { Json } from '../../language/json.ts';

/** What {@link jsonLogicExpression} reads. */
export const jsonLogicData: Json = {
  a: 3,
  b: 'x',
  list: [1, 2, 3],
  deep: { c: null, d: [{ n: 1 }, { n: 2 }] },
  '': false,
};

const paths = fc.constantFrom('a', 'b', 'list', 'list.1', 'deep.c', 'deep.d', 'deep.c.x', 'nowhere', 'list.9');
/** Expressions over the operators that JsonLogic and Kait have in common, without those of `strict-differences.json`. */
export const { expression: jsonLogicExpression } = fc.letrec<{ expression: Json; number: Json; list: Json }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: -20, max: 20 }),
    fc.constant({ var: 'a' }),
    fc
      .tuple(fc.constantFrom('+', '*', '-', '/', '%', 'min', 'max'), tie('number'), tie('number'))
      .map(([operator, a, b]) => ({ [operator]: [a, b] })),
  ),
  list: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>({ var: 'list' }, { var: 'deep.d' }, []),
    fc.tuple(tie('list'), tie('list')).map((lists) => ({ merge: lists })),
    fc
      .tuple(fc.constantFrom('map', 'filter'), tie('list'), tie('number'))
      .map(([operator, list, body]) => ({ [operator]: [list, body] })),
  ),
  expression: fc.oneof(
    { maxDepth: 4 },
    tie('number'),
    tie('list'),
    fc.constantFrom<Json>(true, false, null, '', '0', 'x'),
    paths.map((path) => ({ var: path })),
    fc.tuple(paths, tie('expression')).map(([path, fallback]) => ({ var: [path, fallback] })),
    fc.array(paths, { maxLength: 3 }).map((keys) => ({ missing: keys })),
    fc.tuple(fc.nat(3), fc.array(paths, { maxLength: 3 })).map(([needed, keys]) => ({ missing_some: [needed, keys] })),
    fc
      .tuple(fc.constantFrom('and', 'or', 'if'), fc.array(tie('expression'), { minLength: 1, maxLength: 5 }))
      .map(([operator, args]) => ({ [operator]: args })),
    fc.tuple(fc.constantFrom('!', '!!'), tie('expression')).map(([operator, arg]) => ({ [operator]: [arg] })),
    fc
      .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!=', '===', '!=='), tie('number'), tie('number'))
      .map(([operator, a, b]) => ({ [operator]: [a, b] })),
    fc
      .tuple(fc.constantFrom('all', 'some', 'none'), tie('list'), tie('expression'))
      .map(([operator, list, body]) => ({ [operator]: [list, body] })),
    fc
      .tuple(tie('list'), tie('expression'), tie('number'))
      .map(([list, body, first]) => ({ reduce: [list, body, first] })),
    fc.tuple(tie('number'), tie('list')).map((args) => ({ in: args })),
    fc
      .tuple(fc.string({ maxLength: 5 }), fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 }))
      .map((args) => ({ substr: args })),
    fc
      .array(fc.oneof(fc.string({ maxLength: 3 }), tie('number')), { minLength: 1, maxLength: 3 })
      .map((args) => ({ cat: args })),
  ),
}));
