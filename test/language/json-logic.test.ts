import { readFileSync } from 'node:fs';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget, evaluationLimits } from '../../language/budget.ts';
import { ExpressionError } from '../../language/expression-error.ts';
import { evaluateLogic } from '../../language/expression.ts';
import { applyJsonLogic, jsonLogicNames } from '../../language/json-logic.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';
import { hostileEvent, hostileExpression } from './hostile-expression.ts';
import { jsonLogicExpression, jsonLogicData } from './json-logic-expression.ts';

/** https://jsonlogic.com/tests.json: `[logic, data, expected]`, and titles as plain strings. */
const official = (readJson('jsonlogic-official-tests.json') as (string | [Json, Json, Json])[]).filter(
  (entry) => typeof entry !== 'string',
);

/** Where strict evaluation differs from json-logic-js, on purpose. `strict` is a value, or the code of an error. */
const differences = readJson('strict-differences.json') as {
  logic: Json;
  data: Json;
  jsonLogic: Json;
  strict: Json;
}[];

const evaluate = (rule: Json, data: Json = null): Json =>
  evaluateLogic({ jsonlogic: { rule, data: { literal: data } } }, { event: null });

describe('the operator jsonlogic', () => {
  it('has 278 official tests to pass', () => {
    expect(official).toHaveLength(278);
  });

  it.each(official)('gives for %j over %j the official %j', (rule, data, expected) => {
    expect(evaluate(rule, data)).toEqual(expected);
  });

  it('gives what json-logic-js gives, on generated rules', () => {
    fc.assert(
      fc.property(jsonLogicExpression, (rule) => {
        const reference = referenceOf(rule, jsonLogicData);
        fc.pre(isFiniteJson(reference));
        expect(evaluate(rule, jsonLogicData)).toEqual(asJson(reference));
      }),
      { numRuns: 1_000, seed: 20 },
    );
  });

  it('takes the rule literally and fills in the data', () => {
    const operand = { rule: { cat: ['{{event.a}}', { var: 'b' }] }, data: { b: '{{event.b}}' } };
    expect(evaluateLogic({ jsonlogic: operand }, { event: { a: 1, b: 2 } })).toBe('{{event.a}}2');
  });

  it('starts the paths of its data at the item, inside a map', () => {
    const operand = { rule: { '+': [{ var: 'n' }, '1'] }, data: { n: '{{qty}}' } };
    const logic = { map: [{ var: 'event' }, { jsonlogic: operand }] };
    expect(evaluateLogic(logic, { event: [{ qty: 1 }, { qty: 2 }] })).toEqual([2, 3]);
  });

  it('lets a coalesce catch a path that is missing in its data', () => {
    const operand = { rule: { var: '' }, data: [[[{ deep: '{{event.nothing}}' }]]] };
    expect(evaluateLogic({ coalesce: [{ jsonlogic: operand }, 'none'] }, { event: {} })).toBe('none');
  });

  it('gives objects that are like any other, whatever their keys', () => {
    const data = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as Json;
    const result = evaluate({ var: '' }, data);
    expect(JSON.stringify(result)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(evaluate({ var: '__proto__.a' }, data)).toBe(1);
  });

  it.each<[Json, Json]>([
    [{ and: [] }, null],
    [[{ or: [] }], [null]],
    [{ '-': [0] }, 0],
    [{ cat: [{ var: '' }, '!'] }, '[object Object]!'],
    [{ '==': [{ var: '' }, 1] }, false],
    [{ var: 'list.length' }, 3],
    [{ var: 'name.length' }, 3],
    [{ map: [{ var: 'list' }] }, [null, null, null]],
    [{ in: [1, { var: '' }] }, false],
    [
      { a: 1, b: { var: 'name' } },
      { a: 1, b: { var: 'name' } },
    ],
  ])('%j is %j', (rule, expected) => {
    const actual = evaluate(rule, { list: [1, 2, 3], name: 'Ana', indexOf: 1 });
    expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
  });

  it.each<[string, Json, string, string]>([
    ['prints', { log: 'x' }, 'INVALID', 'JsonLogic has no operator "log" that a rule may use.'],
    ['calls methods', { method: ['a', 'trim'] }, 'INVALID', 'JsonLogic has no operator "method" that a rule may use.'],
    [
      'is misspelt in a branch that is never taken',
      { if: [true, 1, { vra: 'x' }] },
      'INVALID',
      'JsonLogic has no operator "vra" that a rule may use. Did you mean "var"?',
    ],
    ['is inherited', { toString: [] }, 'INVALID', 'JsonLogic has no operator "toString" that a rule may use.'],
    ['is a path', { 'var.call': [] }, 'INVALID', 'JsonLogic has no operator "var.call" that a rule may use.'],
    [
      'would evaluate data as a rule',
      { missing: [{ var: 'rule' }] },
      'TYPE',
      '"missing" in a JsonLogic rule expects paths.',
    ],
    [
      'would evaluate a list of data as rules',
      { missing_some: [1, { var: 'rules' }] },
      'TYPE',
      '"missing_some" in a JsonLogic rule expects paths.',
    ],
    [
      'has no list of paths',
      { missing_some: [1] },
      'TYPE',
      '"missing_some" in a JsonLogic rule expects a list of paths second.',
    ],
    ['gives NaN', { '+': ['a'] }, 'TYPE', 'The result is NaN, which JSON cannot hold.'],
    ['gives Infinity', { '/': [1, 0] }, 'TYPE', 'The result is Infinity, which JSON cannot hold.'],
  ])('rejects a rule that %s', (_what, rule, code, message) => {
    const data = { rule: { reduce: [1] }, rules: [{ reduce: [1] }] };
    expect(() => evaluate(rule, data)).toThrow(
      expect.objectContaining({
        code: `KAIT_EXPRESSION_${code}`,
        message,
      }),
    );
  });

  it.each<Json>([{}, { rule: 1 }, { data: 1 }, { rule: 1, data: 1, more: 1 }, 'rule', [[1, 2]]])(
    'rejects %j instead of a rule and data',
    (operand) => {
      expect(() => evaluateLogic({ jsonlogic: operand }, { event: null })).toThrow(
        expect.objectContaining({
          code: 'KAIT_EXPRESSION_INVALID',
          message: '"jsonlogic" takes an object {"rule": …, "data": …}.',
        }),
      );
    },
  );

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'list.map',
    'list.constructor.name',
    'list.0.toFixed',
    'name.constructor.constructor',
    'name.__proto__.trim',
  ])('finds nothing of JavaScript at %s', (path) => {
    const data = { list: [1], name: 'Ana' };
    expect(evaluate({ var: path }, data)).toBeNull();
    expect(evaluate({ var: [path, 'none'] }, data)).toBe('none');
    expect(evaluate({ missing: [path, 'name', 7] }, data)).toEqual([path, 7]);
    expect(evaluate({ missing_some: [2, [path, 'name']] }, data)).toEqual([path]);
    expect(evaluate({ reduce: [{ var: 'list' }, { var: path }, 0] }, data)).toBeNull();
  });

  it('neither adds to the operators that all users of json-logic-js share nor uses what others add', () => {
    const before = { ...jsonLogic };
    jsonLogic.add_operation('added', () => 1);
    expect(() => evaluate({ added: [] })).toThrow('JsonLogic has no operator "added" that a rule may use.');
    jsonLogic.rm_operation('added');
    evaluate({ '+': [1, 2] });
    expect({ ...jsonLogic }).toEqual(before);
  });
});

describe('the limits of a JsonLogic rule', () => {
  const ten: Json = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const thirty: Json = [...ten, ...ten, ...ten];
  const accumulator = { var: 'accumulator' };
  const twice = [accumulator, accumulator];
  const hugeTree: Json = { reduce: [thirty, twice, 0] };
  const nested = (levels: number): Json => (levels === 0 ? 1 : { '!': [nested(levels - 1)] });
  const loops = (levels: number): Json => (levels === 0 ? 1 : { map: [ten, loops(levels - 1)] });
  const long = Array<Json>(2_000).fill(0);
  const inLoop = (rule: Json): Json => ({ map: [{ var: 'long' }, { or: [rule, true] }] });

  it.each<[string, Json, string]>([
    ['a text that doubles', { reduce: [thirty, { cat: twice }, 'x'] }, 'a text gets longer than 100000 characters'],
    ['a list that doubles', { reduce: [thirty, { merge: twice }, [0]] }, 'it takes more than 20000 operations'],
    ['a list that grows', { merge: [{ var: 'six' }, { var: 'six' }] }, 'a list gets longer than 10000 items'],
    ['a small graph that stands for a huge tree', hugeTree, 'its result has more than 262144 characters as JSON'],
    ['a huge tree as text', { cat: [hugeTree] }, 'it takes more than 20000 operations'],
    ['a huge tree as number', { '+': [hugeTree] }, 'it takes more than 20000 operations'],
    ['a huge tree as path', { var: [hugeTree] }, 'it takes more than 20000 operations'],
    ['a comparison of a huge tree with a text', { '==': [hugeTree, 'x'] }, 'it takes more than 20000 operations'],
    ['a search for a huge tree', { in: [hugeTree, 'x'] }, 'it takes more than 20000 operations'],
    [
      'a result that nests',
      { reduce: [Array<Json>(80).fill(1), [accumulator], 0] },
      'its result is nested more than 64 levels deep',
    ],
    [
      'a value that nests, as text',
      { cat: [{ reduce: [Array<Json>(80).fill(1), [accumulator], 0] }] },
      'it is nested more than 64 levels deep',
    ],
    ['nesting', nested(65), 'it is nested more than 64 levels deep'],
    ['loops within loops', loops(5), 'it takes more than 20000 operations'],
    [
      'loops without a body',
      { reduce: [{ var: 'long' }, { map: [accumulator] }, { var: 'long' }] },
      'it takes more than 20000 operations',
    ],
    ['long paths', inLoop({ var: 'a.'.repeat(1_000) }), 'it takes more than 20000 operations'],
    ['many paths', { missing: { map: [{ var: 'long' }, 'a.'.repeat(500)] } }, 'it takes more than 20000 operations'],
    [
      'searching a text for one that nearly repeats',
      inLoop({ in: [{ cat: ['a'.repeat(999), 'b'] }, 'a'.repeat(10_000)] }),
      'it takes more than 20000 operations',
    ],
    ['a long list of arguments', { merge: long }, 'it takes more than 20000 operations'],
  ])('stop %s', (_name, rule, reason) => {
    expect(() => evaluate(rule, { long, six: Array<Json>(6_000).fill(0) })).toThrow(
      expect.objectContaining({
        code: 'KAIT_EXPRESSION_LIMIT',
        message: `The expression is too expensive: ${reason}.`,
      }),
    );
  });

  it('stop data that is too large', () => {
    expect(() => evaluate({ var: '' }, 'x'.repeat(262_144))).toThrow('as JSON');
    expect(() => evaluate(1, Array<Json>(100_000).fill(0))).toThrow('it takes more than 20000 operations');
  });

  it('leave room for a thousand line items', () => {
    const items = Array.from({ length: 1_000 }, () => ({ qty: 2, price: '5' }));
    const line = { '*': [{ var: 'current.qty' }, { var: 'current.price' }] };
    expect(evaluate({ reduce: [{ var: 'items' }, { '+': [accumulator, line] }, 0] }, { items })).toBe(10_000);
  });

  it('hold whatever hostile rule is generated', () => {
    fc.assert(
      fc.property(hostileExpression, (expression) => {
        const length = settled(
          () => JSON.stringify(applyJsonLogic(asRule(expression), hostileEvent, createBudget())).length,
        );
        expect(length ?? 0).toBeLessThanOrEqual(evaluationLimits.resultLength);
      }),
      { numRuns: 150, seed: 7 },
    );
  });
});

describe('a strict expression', () => {
  it.each(differences)(
    'differs from json-logic-js in $logic over $data',
    ({ logic, data, jsonLogic: value, strict }) => {
      expect(asJson(referenceOf(logic, data))).toEqual(value);
      expect(strictly(logic, data)).toEqual(strict);
      expect(strict).not.toEqual(value);
    },
  );

  it('differs from the official tests only where the list of differences says so', () => {
    const differing = official
      .filter(([logic, data, expected]) => JSON.stringify(strictly(logic, data)) !== JSON.stringify(expected))
      .map(([logic, data]) => JSON.stringify([logic, data]));
    const listed = differences.map(({ logic, data }) => JSON.stringify([logic, data]));
    expect(differing.filter((each) => !listed.includes(each))).toEqual([]);
  });

  /** The generator leaves out what the list of differences has. */
  it('that gives a value gives the one that json-logic-js gives', () => {
    let compared = 0;
    fc.assert(
      fc.property(jsonLogicExpression, (logic) => {
        const value = settled(() => evaluateLogic(logic, jsonLogicData as unknown as Scope));
        fc.pre(value !== undefined);
        compared += 1;
        expect(value).toEqual(asJson(referenceOf(logic, jsonLogicData)));
      }),
      { numRuns: 1_000, seed: 21 },
    );
    expect(compared).toBeGreaterThanOrEqual(1_000);
  });
});

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function referenceOf(rule: Json, data: Json): Json {
  return jsonLogic.apply(rule as RulesLogic, data) as Json;
}

/** Without -0 and undefined. */
function asJson(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function strictly(logic: Json, data: Json): Json {
  try {
    return evaluateLogic(logic, data as unknown as Scope); // The official data stands in for the scope.
  } catch (error) {
    if (error instanceof ExpressionError) return error.code;
    throw error;
  }
}

/** Undefined if the evaluation fails as it should. Any other error, such as a stack overflow, is thrown on. */
function settled<Value>(evaluation: () => Value): Value | undefined {
  try {
    return evaluation();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** json-logic-js also returns undefined, NaN and Infinity, which are not JSON. */
function isFiniteJson(value: Json | undefined): boolean {
  if (value === undefined) return false;
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value !== 'object' || Object.values(value).every(isFiniteJson);
}

/** The expression with the operators that only Kait has replaced. */
function asRule(expression: Json): Json {
  if (expression === null || typeof expression !== 'object') return expression;
  if (Array.isArray(expression)) return expression.map(asRule);
  const members = Object.entries(expression).map(([name, operand], position): [string, Json] => {
    const known = jsonLogicNames[(name.length + position) % jsonLogicNames.length] ?? 'cat';
    return [jsonLogicNames.includes(name) ? name : known, asRule(operand)];
  });
  return Object.fromEntries(members);
}
