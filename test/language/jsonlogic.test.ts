import { readFileSync } from 'node:fs';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionError } from '../../language/expression-error.ts';
import { evaluateCompatible, evaluateLogic } from '../../language/expression.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';

/** https://jsonlogic.com/tests.json: `[logic, data, expected]`, and titles as plain strings. */
const official = (readJson('jsonlogic-official-tests.json') as (string | [Json, Json, Json])[]).filter(
  (entry) => typeof entry !== 'string',
);

/** Where strict evaluation differs from the official result, on purpose. `strict` is the error's code. */
const differences = readJson('strict-differences.json') as {
  logic: Json;
  data: Json;
  official: Json;
  strict: string;
}[];

describe('JsonLogic', () => {
  it('has 278 official tests', () => {
    expect(official).toHaveLength(278);
  });

  it.each(official)('gives in compatible mode, for %j over %j, the official %j', (logic, data, expected) => {
    expect(evaluateCompatible(logic, data)).toEqual(expected);
  });

  it('differs in strict mode exactly where the fixture says', () => {
    const actual = official
      .map(([logic, data, expected]) => ({ logic, data, official: expected, strict: strictly(logic, data) }))
      .filter((result) => JSON.stringify(result.strict) !== JSON.stringify(result.official));
    expect(actual).toEqual(differences.map(({ logic, data, official, strict }) => ({ logic, data, official, strict })));
  });

  it('agrees in compatible mode with json-logic-js on generated expressions', () => {
    const data = { a: 3, b: 'x', list: [1, 2, 3], deep: { c: null, d: [{ n: 1 }, { n: 2 }] }, '': false };
    fc.assert(
      fc.property(expressions, (logic) => {
        const reference = jsonLogic.apply(logic as RulesLogic, data) as Json;
        fc.pre(isFiniteJson(reference));
        expect(evaluateCompatible(logic, data)).toEqual(reference);
      }),
      { numRuns: 1_000, seed: 20 },
    );
  });
});

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function strictly(logic: Json, data: Json): Json {
  try {
    return evaluateLogic(logic, data as unknown as Scope); // The official data stands in for the scope.
  } catch (error) {
    if (error instanceof ExpressionError) return error.code;
    throw error;
  }
}

/** json-logic-js also returns NaN and Infinity, which are not JSON. */
function isFiniteJson(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value !== 'object' || Object.values(value).every(isFiniteJson);
}

const paths = fc.constantFrom('a', 'b', 'list', 'list.1', 'deep.c', 'deep.d', 'deep.c.x', 'nowhere', 'list.9');
const { expression: expressions } = fc.letrec<{ expression: Json; number: Json; list: Json }>((tie) => ({
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
