import { isObject, type Json, type JsonObject } from '../json.ts';
import { referredSchema } from '../values/value-schema.ts';
import type { JsonShape } from './json-shape.ts';

/** References that lead back to themselves are followed so far; beyond it, anything is possible. */
const deepest = 8;

/** What static checks need of a JSON Schema: with its references filled in, and without what they do not look at. */
export function shapeOfJsonSchema(root: JsonObject): JsonShape {
  return shapeWithin(root, root, 0);
}

function shapeWithin(schema: Json, root: Json, depth: number): JsonShape {
  if (!isObject(schema) || depth > deepest) return {};
  const inner = (each: Json) => shapeWithin(each, root, depth + 1);
  if (typeof schema.$ref === 'string') return inner(referredSchema(schema.$ref, root) ?? {});
  const { allOf, oneOf, anyOf, properties, items, additionalProperties } = schema;
  // What several schemas say together is not computed.
  if (allOf !== undefined) return {};
  const kept = Object.fromEntries(
    keptKeywords.flatMap((name) => (Object.hasOwn(schema, name) ? [[name, schema[name]]] : [])),
  );
  return {
    ...(kept as JsonShape),
    ...(Array.isArray(oneOf ?? anyOf) && { anyOf: ((oneOf ?? anyOf) as Json[]).map(inner) }),
    ...(isObject(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, inner(member)])),
    }),
    ...(items !== undefined && { items: inner(items) }),
    ...(typeof additionalProperties === 'boolean' && { additionalProperties }),
    ...(isObject(additionalProperties) && { additionalProperties: inner(additionalProperties) }),
  };
}

const keptKeywords = [
  'type',
  'required',
  'const',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'minItems',
  'description',
];
