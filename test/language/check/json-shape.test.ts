import { expect, it } from 'vitest';
import { z } from 'zod';
import { memberOf, shapeOf, typesOf } from '../../../language/check/json-shape.ts';

const text = { kind: 'known', shape: { type: 'string' } };

it.each([
  ['a member', z.object({ a: z.string() }), 'a', text],
  ['a member of what may be null', z.object({ a: z.string() }).nullable(), 'a', text],
  ['a member of one alternative', z.union([z.object({ b: z.int() }), z.object({ a: z.string() })]), 'a', text],
  ['no member', z.object({ a: z.string(), b: z.int() }), 'c', { kind: 'missing', names: ['a', 'b'] }],
  ['no member of a text', z.string(), 'length', { kind: 'missing', names: [] }],
  ['an inherited name', z.object({ a: z.string() }), 'constructor', { kind: 'missing', names: ['a'] }],
  ['anything of an open object', z.looseObject({ a: z.string() }), 'b', { kind: 'anything' }],
  ['anything of any JSON', z.json(), 'b', { kind: 'anything' }],
  ['an item', z.array(z.string()), '0', text],
  ['no name of a list', z.array(z.string()), 'length', { kind: 'missing', names: [] }],
])('a path finds %s', (_what, schema, part, expected) => {
  expect(memberOf(shapeOf(schema), part)).toEqual(expected);
});

it.each([
  [z.int().nullable(), ['number', 'null']],
  [z.enum(['a', 'b']), ['string']],
  [z.literal('a'), ['string']],
  [z.union([z.string(), z.array(z.int())]), ['string', 'array']],
  [z.unknown(), undefined],
])('the types of a value are told from its schema', (schema, types) => {
  expect(typesOf(shapeOf(schema))).toEqual(types === undefined ? undefined : new Set(types));
});
