import { isObject, type Json, type JsonObject } from '../json.ts';
import { valueFaults } from './check-value.ts';
import { referredSchema, type ValueSchema } from './value-schema.ts';

/** Schemas within each other. Beyond it, members that may be left out are left out. */
const deepest = 8;
/** Values within the example. Beyond it, everything is null. */
const mostValues = 1_000;

interface Making {
  root: Json;
  depth: number;
  /** How many values were made. */
  made: { values: number };
}

/**
 * A value that shows what a schema describes, for people to read: what the author gives as an example, a default or a choice, and otherwise
 * something of the right type. It fits the schema unless a pattern or a condition asks for more.
 */
export function exampleOfSchema(schema: ValueSchema): Json {
  return valueOf(schema, { root: schema, depth: 0, made: { values: 0 } });
}

function valueOf(schema: Json, making: Making): Json {
  const { root, depth, made } = making;
  made.values += 1;
  if (!isObject(schema) || made.values > mostValues || depth > 2 * deepest) return null;
  const given = givenIn(schema);
  if (given !== undefined) return given;
  const { $ref, allOf, anyOf, oneOf } = schema;
  const inner = (each: Json) => valueOf(each, { ...making, depth: depth + 1 });
  if (typeof $ref === 'string') return inner(referredSchema($ref, root) ?? true);
  if (schema.type !== undefined || schema.properties !== undefined) return ofType(schema, inner, depth);
  if (Array.isArray(allOf)) {
    const values = allOf.map(inner);
    return values.every(isObject) ? (Object.assign({}, ...values) as JsonObject) : (values[0] ?? null);
  }
  const [first] = [anyOf, oneOf].flatMap((each) => (Array.isArray(each) ? each : []));
  return first === undefined ? null : inner(first);
}

/** The first value that the author names and that fits. References are not followed. */
function givenIn(schema: JsonObject): Json | undefined {
  const { const: constant, example, examples, default: fallback, enum: values } = schema;
  const named = [constant, example, ...listOf(examples), fallback, ...listOf(values)];
  return named.find((each) => each !== undefined && valueFaults({ ...schema, $ref: {} }, each).length === 0);
}

function listOf(values: Json | undefined): Json[] {
  return Array.isArray(values) ? values : [];
}

type Inner = (schema: Json) => Json;

function ofType(schema: JsonObject, inner: Inner, depth: number): Json {
  const { minimum, exclusiveMinimum, maximum, minLength } = schema;
  const [type] = [schema.type ?? 'object'].flat();
  if (type === 'object') return objectOf(schema, inner, depth);
  if (type === 'array') return listOfItems(schema, inner, depth);
  if (type === 'string') return textOf(schema.format, typeof minLength === 'number' ? minLength : 0);
  if (type === 'boolean') return true;
  if (type !== 'integer' && type !== 'number') return null;
  const least = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : typeof minimum === 'number' ? minimum : 1;
  return typeof maximum === 'number' ? Math.min(least, maximum) : least;
}

function objectOf({ properties, required }: JsonObject, inner: Inner, depth: number): JsonObject {
  const needed = listOf(required);
  const entries = isObject(properties) ? Object.entries(properties) : [];
  const kept = entries.filter(([name, member]) => member !== false && (depth < deepest || needed.includes(name)));
  return Object.fromEntries(kept.map(([name, member]) => [name, inner(member)]));
}

function listOfItems({ items, minItems = 0, maxItems }: JsonObject, inner: Inner, depth: number): Json[] {
  if (depth >= deepest || maxItems === 0) return [];
  const length = Math.min(Math.max(Number(minItems), items === undefined ? 0 : 1), 10);
  return Array.from({ length }, () => inner(items ?? true));
}

const texts: Readonly<Record<string, string>> = {
  'date-time': '2026-11-28T09:30:00Z',
  date: '2026-11-28',
  time: '09:30:00Z',
  email: 'sari@shop.example',
  uri: 'https://shop.example/orders/1',
  uuid: '7b4f1a52-5f0c-4c1e-9d0e-2f6b8a3c1d90',
};

function textOf(format: Json | undefined, minLength: number): string {
  const text = typeof format === 'string' && Object.hasOwn(texts, format) ? texts[format] : undefined;
  return (text ?? 'text').padEnd(Math.min(minLength, 1_000), '-');
}
