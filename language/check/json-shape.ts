import { z } from 'zod';

/** As much of JSON Schema as zod's output of it uses, and static checks need. */
export interface JsonShape {
  type?: string | string[];
  properties?: Record<string, JsonShape>;
  required?: string[];
  additionalProperties?: boolean | JsonShape;
  items?: JsonShape;
  anyOf?: JsonShape[];
  oneOf?: JsonShape[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  minItems?: number;
  description?: string;
}

export type Member = { kind: 'known'; shape: JsonShape } | { kind: 'anything' } | { kind: 'missing'; names: string[] };

/** The shape of what a schema lets out (or, with `input`, takes in). */
export function shapeOf(schema: z.ZodType, direction: 'input' | 'output' = 'output'): JsonShape {
  const known = shapes[direction].get(schema);
  if (known !== undefined) return known;
  const json = z.toJSONSchema(schema, { target: 'draft-7', io: direction, unrepresentable: 'any' });
  const shape = json as JsonShape; // A subset of what JSON Schema can say.
  shapes[direction].set(schema, shape);
  return shape;
}

/** Says what a schema's shape is that zod cannot tell, because a function checks it. Returns the schema. */
export function withShape<Schema extends z.ZodType>(schema: Schema, shape: JsonShape): Schema {
  shapes.input.set(schema, shape);
  shapes.output.set(schema, shape);
  return schema;
}

/** Schemas do not change, and a definition of 500 steps asks for the same few a thousand times. */
const shapes = { input: new WeakMap<z.ZodType, JsonShape>(), output: new WeakMap<z.ZodType, JsonShape>() };

/** What a path's next part leads to in values of that shape. Null counts as nothing: it may be otherwise at run time. */
export function memberOf(shape: JsonShape, part: string): Member {
  const members = alternatives(shape).map((alternative) => ownMember(alternative, part));
  if (members.some((member) => member.kind === 'anything')) return { kind: 'anything' };
  const known = members.find((member) => member.kind === 'known');
  return (
    known ?? { kind: 'missing', names: members.flatMap((member) => (member.kind === 'missing' ? member.names : [])) }
  );
}

/** The JSON types that values of that shape may have; undefined where any. Whole numbers count as numbers. */
export function typesOf(shape: JsonShape): Set<string> | undefined {
  const types = new Set<string>();
  for (const alternative of alternatives(shape)) {
    const own = ownTypes(alternative);
    if (own === undefined) return undefined;
    for (const type of own) types.add(type === 'integer' ? 'number' : type);
  }
  return types;
}

function ownTypes({ type, const: constant, enum: values }: JsonShape): string[] | undefined {
  if (type !== undefined) return [type].flat();
  if (constant !== undefined) return [constant === null ? 'null' : typeof constant];
  return values?.map((value) => (value === null ? 'null' : typeof value));
}

function alternatives(shape: JsonShape): JsonShape[] {
  const nested = shape.anyOf ?? shape.oneOf;
  return nested === undefined ? [shape] : nested.flatMap(alternatives);
}

function ownMember(shape: JsonShape, part: string): Member {
  const types = ownTypes(shape);
  if (types === undefined) return { kind: 'anything' };
  if (types.includes('array')) {
    if (!/^[0-9]+$/.test(part)) return { kind: 'missing', names: [] };
    return shape.items === undefined ? { kind: 'anything' } : { kind: 'known', shape: shape.items };
  }
  if (!types.includes('object')) return { kind: 'missing', names: [] };
  const properties = shape.properties ?? {};
  const property = Object.hasOwn(properties, part) ? properties[part] : undefined;
  if (property !== undefined) return { kind: 'known', shape: property };
  if (shape.additionalProperties === false) return { kind: 'missing', names: Object.keys(properties) };
  return { kind: 'anything' };
}
