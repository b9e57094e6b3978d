import Ajv from 'ajv';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../language/json.ts';
import { formatValueFaults, valueFaults } from '../../../language/values/check-value.ts';
import { schemaProblems } from '../../../language/values/value-schema.ts';

const points = {
  type: 'object',
  properties: {
    customer: { type: 'string', minLength: 1, maxLength: 5 },
    points: { type: 'integer', minimum: 1, maximum: 10 },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, maxItems: 2, uniqueItems: true },
    level: { enum: ['gold', 'silver'] },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
  },
  required: ['customer', 'points'],
  additionalProperties: false,
};

it.each<[string, Json, string]>([
  ['nothing if it fits', { customer: 'ana', points: 3, tags: ['a'], level: 'gold', note: null }, ''],
  ['a missing member', { customer: 'ana' }, '`points`: is required'],
  ['an unknown member', { customer: 'ana', points: 1, pionts: 2 }, '`pionts`: is not known'],
  [
    'another type',
    { customer: 7, points: '3' },
    '`customer`: expected a text, got a number; `points`: expected a whole number, got a text',
  ],
  ['a fraction', { customer: 'ana', points: 1.5 }, '`points`: expected a whole number, got a number'],
  ['a number out of range', { customer: 'ana', points: 11 }, '`points`: expected at most 10'],
  [
    'a text of emoji by its characters',
    { customer: '😀😀😀😀😀😀', points: 1 },
    '`customer`: expected at most 5 characters, got 6',
  ],
  ['an item', { customer: 'ana', points: 1, tags: ['a', 'B'] }, '`tags.1`: expected a text that matches ^[a-z]+$'],
  ['items that are equal', { customer: 'ana', points: 1, tags: ['a', 'a'] }, '`tags`: expected no item twice'],
  [
    'a value that is not among those listed',
    { customer: 'ana', points: 1, level: 'tin' },
    '`level`: expected one of "gold", "silver"',
  ],
  [
    'a value for which there is no alternative',
    { customer: 'ana', points: 1, note: 1 },
    '`note`: fits none of 2 alternatives',
  ],
  ['something else than an object', [], 'expected an object, got a list'],
])('tells of %s', (_what, value, faults) => {
  expect(formatValueFaults(valueFaults(points, value))).toBe(faults);
});

it('follows references within the schema, also to itself', () => {
  const tree = {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { next: { $ref: '#/$defs/node' }, id: { type: 'integer' } },
        required: ['id'],
      },
    },
  };
  expect(schemaProblems(tree)).toEqual([]);
  expect(valueFaults(tree, { id: 1, next: { id: 2, next: { id: 'x' } } })).toEqual([
    { path: ['next', 'next', 'id'], kind: 'wrong', message: 'expected a whole number, got a text' },
  ]);
});

it('tells of the alternative that is meant', () => {
  const schema = { oneOf: [{ type: 'null' }, { type: 'object', required: ['id'] }] };
  expect(valueFaults(schema, {})).toEqual([{ path: ['id'], kind: 'missing', message: 'is required' }]);
});

it('sees own members only', () => {
  const schema = { type: 'object', properties: { a: true }, required: ['constructor'], additionalProperties: false };
  expect(valueFaults(schema, { a: 1 })).toEqual([{ path: ['constructor'], kind: 'missing', message: 'is required' }]);
  const polluted = JSON.parse('{"__proto__": {"a": 1}}') as Json;
  expect(formatValueFaults(valueFaults(schema, polluted))).toBe(
    '`constructor`: is required; `__proto__`: is not known',
  );
});

it.each<[string, JsonObject, Json]>([
  [
    'alternatives that multiply at each level',
    {
      $ref: '#/$defs/a',
      $defs: {
        a: { anyOf: Array.from({ length: 8 }, () => ({ type: 'array', items: { $ref: '#/$defs/a' }, minItems: 1 })) },
      },
    },
    JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`) as Json,
  ],
  [
    'patterns for a very long text',
    { type: 'string', pattern: '^(a|aa|aaa|aaaa|aaaaa)*(a|aa|aaa|aaaa)*b$' },
    'a'.repeat(250_000),
  ],
  [
    'long chains of references',
    {
      ...{ $ref: '#/$defs/d0', type: 'array' },
      $defs: Object.fromEntries(
        Array.from({ length: 450 }, (_each, index) => [
          `d${index}`,
          index === 449 ? { items: { $ref: '#/$defs/d0' } } : { $ref: `#/$defs/d${index + 1}` },
        ]),
      ),
    },
    [[[[[[1]]]]]],
  ],
])('gives up on %s within bounds', (_what, schema, value) => {
  expect(schemaProblems(schema)).toEqual([]);
  expect(valueFaults(schema, value)).toEqual([{ path: [], kind: 'wrong', message: 'takes too long to check' }]);
});

const leaf = fc.constantFrom<Json>(null, true, 0, 1, 2.5, -3, '', 'a', 'ab', 'é', '1');
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const number = fc.constantFrom(0, 1, 2, 3);
const { schema } = fc.letrec<{ schema: JsonObject; any: Json }>((tie) => ({
  any: fc.oneof({ maxDepth: 1 }, fc.boolean(), tie('schema')),
  schema: fc.record(
    {
      type: fc.constantFrom<Json>('null', 'boolean', 'object', 'array', 'number', 'integer', 'string', [
        'string',
        'integer',
      ]),
      enum: fc.uniqueArray(leaf, { minLength: 1, maxLength: 3 }),
      const: leaf,
      properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('any'), { maxKeys: 2, noNullPrototype: true }),
      required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
      additionalProperties: tie('any'),
      maxProperties: number,
      items: tie('any'),
      minItems: number,
      uniqueItems: fc.boolean(),
      minLength: number,
      maxLength: number,
      pattern: fc.constantFrom('^a', 'b$', '^[a-z]*$'),
      minimum: number,
      exclusiveMaximum: number,
      multipleOf: fc.constantFrom(1, 2, 0.5),
      anyOf: fc.array(tie('any'), { minLength: 1, maxLength: 2 }),
      oneOf: fc.array(tie('any'), { minLength: 1, maxLength: 2 }),
      allOf: fc.array(tie('any'), { minLength: 1, maxLength: 2 }),
      not: tie('any'),
      $ref: fc.constantFrom('#/definitions/a', '#/definitions/b'),
    },
    { requiredKeys: [] },
  ),
}));

it('accepts what ajv accepts', () => {
  const definitions = { a: { type: 'string' }, b: { type: ['object', 'number'], required: ['a'] } };
  fc.assert(
    fc.property(schema, value, (written, given) => {
      // In draft 7, a reference has nothing beside it.
      const { $ref, ...others } = written;
      const own = { ...($ref === undefined ? others : { allOf: [{ $ref }, others] }), definitions };
      expect(schemaProblems(own)).toEqual([]);
      const accepts = new Ajv({ extendRefs: true }).validate(own, given);
      expect(valueFaults(own, given).length === 0).toBe(accepts);
    }),
    { numRuns: 150 },
  );
});
