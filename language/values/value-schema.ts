import { isObject, type Json, type JsonObject } from '../json.ts';
import { patternProblem } from './pattern.ts';

/**
 * The part of JSON Schema that describes what an activity of another language takes and gives. It means the same in the drafts 7 and
 * 2020-12. Whatever is not supported is refused, so that nobody relies on a check that is not made.
 */
export type ValueSchema = boolean | JsonObject;

/** Something in a schema that cannot be used. */
export interface SchemaProblem {
  /** Keys and positions within the schema. */
  path: (string | number)[];
  message: string;
}

type Check = (value: Json, at: At) => void;

interface At {
  path: (string | number)[];
  root: Json;
  add: (path: (string | number)[], message: string) => void;
}

/** Levels of schemas within schemas. */
const deepest = 32;
/** Characters of one schema as JSON: each run that may need the activity carries it. */
const longestSchema = 16_384;

const typeNames = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

const keywords: Readonly<Record<string, Check>> = {
  type: checkType,
  enum: (value, at) => {
    if (!Array.isArray(value) || value.length === 0) at.add(at.path, 'must be a list of values');
  },
  const: () => undefined,
  properties: checkEach,
  required: checkNames,
  additionalProperties: checkSchema,
  minProperties: checkCount,
  maxProperties: checkCount,
  items: checkSchema,
  minItems: checkCount,
  maxItems: checkCount,
  uniqueItems: (value, at) => {
    if (typeof value !== 'boolean') at.add(at.path, 'must be true or false');
  },
  minLength: checkCount,
  maxLength: checkCount,
  pattern: checkPattern,
  minimum: checkNumber,
  maximum: checkNumber,
  exclusiveMinimum: checkNumber,
  exclusiveMaximum: checkNumber,
  multipleOf: (value, at) => {
    if (typeof value !== 'number' || value <= 0) at.add(at.path, 'must be a number above 0');
  },
  anyOf: checkList,
  oneOf: checkList,
  allOf: checkList,
  not: checkSchema,
  $ref: checkReference,
  $defs: checkEach,
  definitions: checkEach,
};

/** They say nothing about a value. `format` is one: what it means differs between the libraries. */
const annotations = new Set([
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'example', 'format'],
  ...['deprecated', 'readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType', 'discriminator'],
]);

/** All keywords that a schema may have, for hints. */
export const schemaKeywords: readonly string[] = [...Object.keys(keywords), ...annotations];

/** Everything in a schema that cannot be used, in the order in which it is written. */
export function schemaProblems(schema: Json): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const add = (path: (string | number)[], message: string) => void problems.push({ path, message });
  if (JSON.stringify(schema).length > longestSchema) {
    add([], `has more than ${longestSchema} characters as JSON`);
    return problems;
  }
  checkSchema(schema, { path: [], root: schema, add });
  if (problems.length === 0) problems.push(...endlessReferences(schema));
  return problems;
}

/** The schema that a reference within `root` leads to; undefined if it leads to none. Only `#` and `#/…` are within. */
export function referredSchema(reference: string, root: Json): Json | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let current: Json | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    current = isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

function checkSchema(schema: Json, at: At): void {
  if (typeof schema === 'boolean') return;
  if (!isObject(schema)) return at.add(at.path, 'must be a schema: an object, true or false');
  if (at.path.length > deepest * 2) return at.add(at.path, `is nested more than ${deepest} levels deep`);
  for (const [name, value] of Object.entries(schema)) {
    const path = [...at.path, name];
    const check = Object.hasOwn(keywords, name) ? keywords[name] : undefined;
    if (check !== undefined) check(value, { ...at, path });
    else if (!annotations.has(name)) at.add(path, `"${name}" is not supported`);
  }
}

function checkType(value: Json, { path, add }: At): void {
  const types = Array.isArray(value) ? value : [value];
  if (types.length > 0 && types.every((type) => typeof type === 'string' && typeNames.includes(type))) return;
  add(path, `must be one or several of ${typeNames.join(', ')}`);
}

function checkEach(value: Json, at: At): void {
  if (!isObject(value)) return at.add(at.path, 'must be an object of schemas');
  for (const [name, schema] of Object.entries(value)) {
    if (name === '__proto__') at.add([...at.path, name], '"__proto__" cannot be a name');
    else checkSchema(schema, { ...at, path: [...at.path, name] });
  }
}

function checkList(value: Json, at: At): void {
  if (!Array.isArray(value) || value.length === 0) return at.add(at.path, 'must be a list of schemas');
  for (const [position, schema] of value.entries()) checkSchema(schema, { ...at, path: [...at.path, position] });
}

function checkNames(value: Json, { path, add }: At): void {
  if (!Array.isArray(value) || value.some((name) => typeof name !== 'string')) add(path, 'must be a list of names');
}

function checkCount(value: Json, { path, add }: At): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) add(path, 'must be a whole number from 0');
}

function checkNumber(value: Json, { path, add }: At): void {
  if (typeof value !== 'number') add(path, 'must be a number');
}

function checkPattern(value: Json, { path, add }: At): void {
  if (typeof value !== 'string') return add(path, 'must be a text');
  const problem = patternProblem(value);
  if (problem !== undefined) add(path, problem);
}

function checkReference(value: Json, { path, root, add }: At): void {
  if (typeof value !== 'string' || (value !== '#' && !value.startsWith('#/'))) {
    return add(
      path,
      'must begin with "#/": a reference leads to a part of the same schema, never to another file or address',
    );
  }
  const target = referredSchema(value, root);
  if (!isObject(target) && typeof target !== 'boolean') add(path, `"${value}" leads to nothing in this schema`);
}

/** References that come back to where they began, without a property or an item on the way: no value could ever be checked. */
function endlessReferences(root: Json): SchemaProblem[] {
  const ended = new Set<Json>();
  const problems: SchemaProblem[] = [];
  const visit = (schema: Json, open: Set<Json>): boolean => {
    if (!isObject(schema) || ended.has(schema)) return true;
    if (open.has(schema)) return false;
    const inside = new Set([...open, schema]);
    const ends = inPlace(schema, root).every((next) => visit(next, inside));
    if (ends) ended.add(schema);
    return ends;
  };
  const look = (schema: Json, path: (string | number)[]): void => {
    if (!isObject(schema) && !Array.isArray(schema)) return;
    if (isObject(schema) && typeof schema.$ref === 'string' && !visit(schema, new Set())) {
      problems.push({ path: [...path, '$ref'], message: `"${schema.$ref}" leads back to itself without end` });
      return;
    }
    for (const [key, member] of Object.entries(schema))
      look(member, [...path, Array.isArray(schema) ? Number(key) : key]);
  };
  look(root, []);
  return problems;
}

/** The schemas that are applied to the very same value. */
function inPlace(schema: JsonObject, root: Json): Json[] {
  const { $ref, anyOf = [], oneOf = [], allOf = [], not } = schema;
  const referred = typeof $ref === 'string' ? referredSchema($ref, root) : undefined;
  return [referred, not, ...[anyOf, oneOf, allOf].flat()].filter((each) => each !== undefined);
}
