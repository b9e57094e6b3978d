import { isObject, type Json, type JsonObject } from '../../language/json.ts';
import { referredSchema } from '../../language/values/value-schema.ts';

/** A member of the data, as a row of a table. */
export interface SchemaRow {
  /** `customer.name`, `lines[].sku`. */
  path: string;
  /** `text`, `whole number or null`. */
  type: string;
  /** Whether it is always there, within what is around it. */
  required: boolean;
  /** What else is known: its choices, limits and form. */
  rules: string[];
  description: string;
}

/** Members within each other, and rows of a table. Beyond it, the JSON Schema tells. */
const deepest = 6;
const mostRows = 300;

/** Every member that a schema names, in the order in which they are written. */
export function schemaRows(schema: JsonObject): SchemaRow[] {
  const rows: SchemaRow[] = [];
  addMembers(schema, { root: schema, path: '', depth: 0, rows });
  return rows;
}

interface Walk {
  root: Json;
  path: string;
  depth: number;
  rows: SchemaRow[];
}

function addMembers(schema: Json, walk: Walk): void {
  if (walk.depth > deepest) return;
  for (const part of partsOf(schema, walk.root)) {
    const required = Array.isArray(part.required) ? part.required : [];
    for (const [name, member] of Object.entries(isObject(part.properties) ? part.properties : {})) {
      if (member === false) continue; // It is never there.
      const path = walk.path === '' ? name : `${walk.path}.${name}`;
      addRow(member, required.includes(name), { ...walk, path });
    }
  }
}

function addRow(schema: Json, required: boolean, walk: Walk): void {
  const { root, path, depth, rows } = walk;
  if (rows.length >= mostRows) return;
  const parts = partsOf(schema, root);
  const type = [...new Set(parts.flatMap((part) => typeWords(part, root)))].join(' or ');
  const description = parts.map((part) => part.description).find((text) => typeof text === 'string');
  const rules = parts.flatMap(rulesOf);
  rows.push({ path, type: type === '' ? 'anything' : type, required, rules, description: description ?? '' });
  addMembers(schema, { ...walk, depth: depth + 1 });
  for (const { items } of parts) {
    if (items !== undefined) addMembers(items, { ...walk, path: `${path}[]`, depth: depth + 1 });
  }
}

/** The schema itself and its alternatives and conditions, with what references lead to. */
function partsOf(schema: Json, root: Json, depth = 0): JsonObject[] {
  if (!isObject(schema) || depth > deepest) return [];
  const { $ref, anyOf, oneOf, allOf } = schema;
  const others = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const referred = typeof $ref === 'string' ? [referredSchema($ref, root) ?? {}] : [];
  return [schema, ...[...referred, ...others].flatMap((each) => partsOf(each, root, depth + 1))];
}

const inWords: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true or false',
  object: 'object',
  array: 'list',
  number: 'number',
  integer: 'whole number',
  string: 'text',
};

function typeWords({ type, items, format }: JsonObject, root: Json): string[] {
  if (type === undefined) return [];
  return [type].flat().map((each) => {
    if (each === 'array' && items !== undefined) {
      const of = [...new Set(partsOf(items, root).flatMap((part) => typeWords(part, root)))].join(' or ');
      return of === '' ? 'list' : `list of ${of}`;
    }
    const word = inWords[wordOf(each)] ?? wordOf(each);
    return each === 'string' && typeof format === 'string' ? `${word} (${format})` : word;
  });
}

/** Of a keyword: a text or a number. */
function wordOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rulesOf(schema: JsonObject): string[] {
  const { const: constant, enum: values, pattern } = schema;
  const bounds: [string, string][] = [
    ['minimum', 'at least'],
    ['exclusiveMinimum', 'more than'],
    ['maximum', 'at most'],
    ['exclusiveMaximum', 'less than'],
    ['multipleOf', 'a multiple of'],
    ['minLength', 'characters: at least'],
    ['maxLength', 'characters: at most'],
    ['minItems', 'items: at least'],
    ['maxItems', 'items: at most'],
  ];
  return [
    ...(constant === undefined ? [] : [`always ${JSON.stringify(constant)}`]),
    ...(Array.isArray(values) ? [`one of ${values.map((value) => JSON.stringify(value)).join(', ')}`] : []),
    ...bounds.flatMap(([name, words]) =>
      schema[name] === undefined ? [] : [`${words} ${wordOf(schema[name] ?? null)}`],
    ),
    ...(typeof pattern === 'string' ? [`matches ${pattern}`] : []),
    ...(schema.uniqueItems === true ? ['no item twice'] : []),
  ];
}
