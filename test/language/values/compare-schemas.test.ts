import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../language/json.ts';
import { valueFaults } from '../../../language/values/check-value.ts';
import { compareSchemas } from '../../../language/values/compare-schemas.ts';
import { schemaProblems } from '../../../language/values/value-schema.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const text = { type: 'string' };
const whole = { type: 'integer' };

/** `! customer.name: was removed`: a change that breaks readers begins with `!`. */
function changes(before: JsonObject, after: JsonObject): string[] {
  return compareSchemas(before, after).map(({ breaking, path, message }) => {
    return `${breaking ? '!' : '+'} ${path.join('.')}: ${message}`;
  });
}

describe('members', () => {
  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['says nothing about the same', object({ a: text }), object({ a: text }), []],
    ['says nothing about other descriptions', object({ a: text }), object({ a: { ...text, description: 'A.' } }), []],
    ['a new member', object({ a: text }), object({ a: text, b: whole }), ['+ b: was added']],
    [
      'a new member where others were excluded',
      object({ a: text }, { additionalProperties: false }),
      object({ a: text, b: whole }, { additionalProperties: false }),
      ['! b: was added, and no other members were allowed'],
    ],
    ['a member that is gone', object({ a: text, b: text }), object({ a: text }), ['! b: was removed']],
    [
      'a member that is gone and was certain, once',
      object({ a: text }, { required: ['a'] }),
      object({}),
      ['! a: was removed'],
    ],
    [
      'a member that may be left out',
      object({ a: text }, { required: ['a'] }),
      object({ a: text }),
      ['! a: may be left out now'],
    ],
    [
      'a member that is always there',
      object({ a: text }),
      object({ a: text }, { required: ['a'] }),
      ['+ a: is always there now'],
    ],
    [
      'other members that are allowed',
      object({ a: text }, { additionalProperties: false }),
      object({ a: text }),
      ['! : may have other members now'],
    ],
    [
      'other members that are excluded',
      object({ a: text }),
      object({ a: text }, { additionalProperties: false }),
      ['+ : has no other members now'],
    ],
    [
      'what other members may be',
      object({}, { additionalProperties: text }),
      object({}, { additionalProperties: whole }),
      ['! *: is a whole number now, and was a text'],
    ],
    [
      'a member within a member of the items of a list',
      object({ lines: { type: 'array', items: object({ sku: text }) } }),
      object({ lines: { type: 'array', items: object({ sku: whole }) } }),
      ['! lines.[].sku: is a whole number now, and was a text'],
    ],
  ])('tells of %s', (_what, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });
});

describe('values', () => {
  const of = (before: JsonObject, after: JsonObject) => changes(object({ a: before }), object({ a: after }));

  it.each<[JsonObject, JsonObject, string[]]>([
    [text, { type: ['string', 'null'] }, ['! a: may be null now']],
    [{ type: ['string', 'null'] }, text, ['+ a: is only a text now']],
    [whole, { type: 'number' }, ['! a: may be a fraction now']],
    [{ type: 'number' }, whole, ['+ a: is only a whole number now']],
    [text, {}, ['! a: may be anything now']],
    [{}, text, ['+ a: is only a text now']],
    [{ enum: ['a', 'b'] }, { enum: ['a', 'b', 'c'] }, ['! a: may also be "c" now']],
    [{ enum: ['a', 'b'] }, { enum: ['a'] }, ['+ a: is never "b" any more']],
    [{ enum: ['a', 'b'] }, { const: 'b' }, ['+ a: is never "a" any more']],
    [{ enum: ['a', 'b'] }, text, ['! a: was one of a few values, and may be any other now']],
    [text, { enum: ['a'] }, ['+ a: is one of "a" now']],
    [{ const: true }, { type: 'boolean' }, ['! a: may also be false now']],
    [{ ...text, maxLength: 5 }, { ...text, maxLength: 9 }, ['! a: had at most 5 characters, and may have more now']],
    [{ ...text, maxLength: 5 }, { ...text, maxLength: 3 }, ['+ a: has at most 3 characters now']],
    [{ ...text, minLength: 5 }, text, ['! a: had at least 5 characters, and may have fewer now']],
    [{ ...text, format: 'uuid' }, text, ['! a: need not have the format uuid any more']],
    [text, { ...text, format: 'uuid' }, ['+ a: has the format uuid now']],
    [{ ...text, format: 'uuid' }, { ...text, format: 'uri' }, ['! a: has the format uri now, and had uuid']],
    [{ ...text, pattern: '^a' }, text, ['! a: need not match ^a any more']],
    [{ ...text, pattern: '^a' }, { ...text, pattern: '^ab' }, ['! a: matches ^ab now, and matched ^a']],
    [text, { ...text, pattern: '^a' }, ['+ a: matches ^a now']],
    [{ ...whole, minimum: 1 }, { ...whole, minimum: 0 }, ['! a: was at least 1, and may be at least 0 now']],
    [{ ...whole, minimum: 0 }, { ...whole, minimum: 1 }, ['+ a: is at least 1 now']],
    [{ ...whole, exclusiveMinimum: 0 }, { ...whole, minimum: 0 }, ['! a: was more than 0, and may be at least 0 now']],
    [{ ...whole, minimum: 0 }, { ...whole, exclusiveMinimum: 0 }, ['+ a: is more than 0 now']],
    [{ ...whole, maximum: 9 }, whole, ['! a: was at most 9, and may be any higher number now']],
    [{ ...whole, multipleOf: 100 }, { ...whole, multipleOf: 10 }, ['! a: need not be a multiple of 100 any more']],
    [{ ...whole, multipleOf: 10 }, { ...whole, multipleOf: 100 }, ['+ a: is a multiple of 100 now']],
    [{ type: 'array', maxItems: 5 }, { type: 'array' }, ['! a: had at most 5 items, and may have more now']],
    [{ type: 'array', uniqueItems: true }, { type: 'array' }, ['! a: may have an item twice now']],
  ])('tells what changes from %j to %j', (before, after, expected) => {
    expect(of(before, after)).toEqual(expected);
  });
});

describe('alternatives and references', () => {
  const card = object({ kind: { const: 'card' }, last4: text }, { required: ['kind'] });
  const bank = object({ kind: { const: 'bank' }, bank: text }, { required: ['kind'] });
  const wallet = object({ kind: { const: 'wallet' } }, { required: ['kind'] });
  const conditions = 'has other conditions, and may be what was not allowed before';
  const narrower = 'has other conditions, which allow nothing that was not allowed before';

  it.each<[string, JsonObject, JsonObject, string[]]>([
    [
      'an alternative that is new',
      { anyOf: [text, whole] },
      { anyOf: [text, whole, { type: 'null' }] },
      [`! : ${conditions}`],
    ],
    ['an alternative that is gone', { anyOf: [text, whole] }, { anyOf: [whole] }, [`+ : ${narrower}`]],
    [
      'alternatives that exclude each other',
      { oneOf: [card, bank, wallet] },
      { oneOf: [card, bank] },
      [`+ : ${narrower}`],
    ],
    ['one of them that is new', { oneOf: [card, bank] }, { oneOf: [card, bank, wallet] }, [`! : ${conditions}`]],
    [
      'alternatives that do not',
      { oneOf: [text, { ...text, minLength: 2 }] },
      { oneOf: [text] },
      [`! : ${conditions}`],
    ],
    [
      'what a reference leads to, where it is used',
      { ...object({ a: { $ref: '#/$defs/id' } }), $defs: { id: text } },
      { ...object({ a: { $ref: '#/$defs/id' } }), $defs: { id: whole } },
      ['! a: is a whole number now, and was a text'],
    ],
    [
      'nothing, if a reference has another name',
      { ...object({ a: { $ref: '#/$defs/id' } }), $defs: { id: text } },
      { ...object({ a: { $ref: '#/definitions/key' } }), definitions: { key: text } },
      [],
    ],
    [
      'a schema that contains itself',
      { ...object({ next: { $ref: '#' }, id: text }) },
      { ...object({ next: { $ref: '#' }, id: whole }) },
      ['! id: is a whole number now, and was a text'],
    ],
    ['a condition that is gone', { allOf: [text, { minLength: 2 }] }, { allOf: [text] }, [`! : ${conditions}`]],
    ['a condition that is new', { allOf: [text] }, { allOf: [text, { minLength: 2 }] }, [`+ : ${narrower}`]],
    [
      'the same exclusion',
      { ...text, not: { const: 'a' } },
      { ...text, maxLength: 2, not: { const: 'a' } },
      [`+ : ${narrower}`],
    ],
    ['an exclusion that is gone', { ...text, not: { const: 'a' } }, text, [`! : ${conditions}`]],
  ])('tells of %s', (_what, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });
});

it('gives up on schemas that would take forever, and says so', () => {
  const wide = (depth: number): JsonObject =>
    depth === 0
      ? text
      : { anyOf: Array.from({ length: 6 }, () => ({ allOf: [wide(depth - 1), { minLength: depth }] })) };
  const found = changes(object({ a: wide(3) }), object({ a: { ...wide(3), maxLength: 7, not: whole } }));
  expect(found.length).toBeLessThanOrEqual(200);
});

const leaf = fc.oneof(
  fc.constantFrom<Json>(true, false, {}),
  fc.record({
    enum: fc.uniqueArray(fc.constantFrom<Json>(null, true, 'a', 'ab', 1, 2.5), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ const: fc.constantFrom<Json>(null, 'a', 2) }),
  fc.record({
    type: fc.subarray(['null', 'boolean', 'integer', 'number', 'string', 'object', 'array'], { minLength: 1 }),
  }),
  fc.record(
    {
      type: fc.constantFrom<Json>('integer', 'number', ['integer', 'null']),
      minimum: fc.integer({ min: -2, max: 3 }),
      exclusiveMinimum: fc.integer({ min: -2, max: 3 }),
      maximum: fc.integer({ min: -2, max: 3 }),
      multipleOf: fc.constantFrom(1, 2, 4, 0.5),
    },
    { requiredKeys: [] },
  ),
  fc.record(
    {
      type: fc.constant<Json>('string'),
      minLength: fc.integer({ min: 0, max: 2 }),
      maxLength: fc.integer({ min: 0, max: 2 }),
      pattern: fc.constantFrom('^a', 'b$'),
    },
    { requiredKeys: [] },
  ),
);
const names = ['a', 'b'];
const schemas = fc.letrec<{ schema: Json; object: JsonObject }>((tie) => ({
  object: fc.record(
    {
      type: fc.constant<Json>('object'),
      properties: fc.dictionary(fc.constantFrom(...names), tie('schema'), { maxKeys: 2 }),
      required: fc.subarray(names),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
      minProperties: fc.integer({ min: 0, max: 2 }),
      maxProperties: fc.integer({ min: 0, max: 2 }),
    },
    { requiredKeys: [] },
  ),
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: leaf, weight: 4 },
    { arbitrary: tie('object'), weight: 3 },
    fc.record({
      type: fc.constant('array'),
      items: tie('schema'),
      maxItems: fc.integer({ min: 0, max: 2 }),
      uniqueItems: fc.boolean(),
    }) as fc.Arbitrary<Json>,
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Json>,
    fc.record({ oneOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<Json>,
    fc.record({
      allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }),
      minLength: fc.constant(1),
    }) as fc.Arbitrary<Json>,
    fc.record({ type: fc.constant('string'), not: tie('schema') }) as fc.Arbitrary<Json>,
    fc.constant<Json>({ $ref: '#/$defs/shared' }),
  ),
}));
const roots = fc
  .record({ schema: schemas.schema, shared: leaf })
  .map(({ schema, shared }): JsonObject => ({ allOf: [schema], $defs: { shared } }))
  .filter((schema) => schemaProblems(schema).length === 0);
/** Often nearly the same. */
const pairs = fc.oneof(
  fc.tuple(roots, roots),
  fc
    .tuple(roots, leaf as fc.Arbitrary<Json>)
    .map(([root, added]): [JsonObject, JsonObject] => [root, { ...root, anyOf: [added, root] }]),
  fc
    .tuple(roots, leaf as fc.Arbitrary<Json>)
    .map(([root, added]): [JsonObject, JsonObject] => [root, { ...root, allOf: [...(root.allOf as Json[]), added] }]),
  fc
    .tuple(roots, roots)
    .map(([one, other]): [JsonObject, JsonObject] => [
      { ...one, anyOf: [one.allOf, other.allOf].flat() as Json[] },
      one,
    ]),
);
const scalars = fc.constantFrom<Json>(null, true, false, 'a', 'ab', 'b', '', 'abc', -2, 0, 1, 2, 2.5, 3, 4);
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 }) as fc.Arbitrary<Json>,
    fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json>,
  ),
})).value;

it('calls no change compatible after which a reader meets a value that the old schema refuses', () => {
  fc.assert(
    fc.property(pairs, fc.array(values, { minLength: 20, maxLength: 40 }), ([before, after], given) => {
      const met = given.find(
        (value) => valueFaults(after, value).length === 0 && valueFaults(before, value).length > 0,
      );
      return met === undefined || compareSchemas(before, after).some(({ breaking }) => breaking);
    }),
    { numRuns: 1_000 },
  );
});

it('finds nothing in a schema that is compared with itself', () => {
  const plain = fc
    .tuple(schemas.schema, leaf)
    .map(([schema, shared]): JsonObject => ({ ...object({ a: schema }), $defs: { shared } }));
  fc.assert(
    fc.property(
      plain.filter((each) => schemaProblems(each).length === 0),
      (schema) => {
        expect(compareSchemas(schema, structuredClone(schema)).filter(({ breaking }) => breaking)).toEqual([]);
      },
    ),
  );
});
