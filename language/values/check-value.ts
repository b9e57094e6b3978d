import { canonicalJson, isObject, type Json, type JsonObject } from '../json.ts';
import { compilePattern } from './pattern.ts';
import { referredSchema, type ValueSchema } from './value-schema.ts';

/** A difference between a value and its schema. Messages show no values, since histories and logs keep them. */
export interface ValueFault {
  /** Keys and positions within the value. Of a missing member, its own. */
  path: (string | number)[];
  kind: 'missing' | 'unknown' | 'wrong';
  message: string;
}

/** Schemas and patterns take at most as many steps. They run inside the workflow task: some 100 ms. */
const mostSteps = 200_000;
/** As many faults are told. */
const mostFaults = 50;

/** Schemas applied within each other. */
const deepest = 400;

interface Checking {
  root: Json;
  /** Where in the value, as a stack. */
  path: Path;
  depth: number;
  charge: (steps: number) => void;
}

class TooMuch extends Error {}

/**
 * Compares a value with a schema that has no problem (`schemaProblems`). The same value always gives the same faults, so a run may ask.
 * Bounded, whatever schema and value are: beyond that, the value counts as wrong.
 */
export function valueFaults(schema: ValueSchema, value: Json): ValueFault[] {
  let steps = 0;
  const charge = (count: number) => {
    steps += count;
    if (steps > mostSteps) throw new TooMuch();
  };
  try {
    return faultsOf(schema, value, { root: schema, path: [], depth: 0, charge }).slice(0, mostFaults);
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return [{ path: [], kind: 'wrong', message: 'takes too long to check' }];
  }
}

/** `` `amount`: expected a number, got a text; … `` */
export function formatValueFaults(faults: readonly ValueFault[]): string {
  return faults
    .map(({ path, message }) => (path.length === 0 ? message : `\`${path.join('.')}\`: ${message}`))
    .join('; ');
}

type Path = (string | number)[];

function faultsOf(schema: Json, value: Json, checking: Checking): ValueFault[] {
  checking.charge(1);
  checking.depth += 1;
  if (checking.depth > deepest) throw new TooMuch();
  const faults = faultsWithin(schema, value, checking);
  checking.depth -= 1;
  return faults;
}

function faultsWithin(schema: Json, value: Json, checking: Checking): ValueFault[] {
  if (typeof schema === 'boolean') return schema ? [] : [wrong(checking, 'no value is allowed here')];
  if (!isObject(schema)) return [];
  const typeFault = faultOfType(schema, value, checking);
  if (typeFault !== undefined) return [typeFault];
  return [
    ...faultsOfChoice(schema, value, checking),
    ...(typeof value === 'string' ? faultsOfText(schema, value, checking) : []),
    ...(typeof value === 'number' ? faultsOfNumber(schema, value, checking) : []),
    ...(Array.isArray(value) ? faultsOfList(schema, value, checking) : []),
    ...(isObject(value) ? faultsOfObject(schema, value, checking) : []),
    ...faultsInPlace(schema, value, checking),
  ];
}

function wrong({ path, charge }: Checking, message: string): ValueFault {
  charge(path.length);
  return { path: [...path], kind: 'wrong', message };
}

/** What is wrong with a member or an item. */
function faultsInside(key: string | number, schema: Json, value: Json, checking: Checking): ValueFault[] {
  checking.path.push(key);
  const faults = faultsOf(schema, value, checking);
  checking.path.pop();
  return faults;
}

/** JSON types as messages name them. */
export const inWords: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
};

function faultOfType({ type }: JsonObject, value: Json, checking: Checking): ValueFault | undefined {
  if (type === undefined) return undefined;
  const types = [type].flat() as string[]; // As the schema was checked.
  const actual = typeOf(value);
  if (types.includes(actual) || (types.includes('integer') && Number.isInteger(value))) return undefined;
  const expected = types.map((each) => inWords[each] ?? each).join(' or ');
  return wrong(checking, `expected ${expected}, got ${inWords[actual]}`);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function faultsOfChoice(schema: JsonObject, value: Json, checking: Checking): ValueFault[] {
  const { enum: values, const: constant } = schema;
  if (values === undefined && constant === undefined) return [];
  const isAmong = (each: Json) => {
    checking.charge(sizeOf(each));
    return equal(each, value);
  };
  if (constant !== undefined && !isAmong(constant)) return [wrong(checking, `expected ${JSON.stringify(constant)}`)];
  if (!Array.isArray(values) || values.some(isAmong)) return [];
  const shown = values.slice(0, 10).map((each) => JSON.stringify(each));
  return [wrong(checking, `expected one of ${shown.join(', ')}${values.length > 10 ? ', …' : ''}`)];
}

function faultsOfText(schema: JsonObject, value: string, checking: Checking): ValueFault[] {
  const { minLength, maxLength, pattern } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : charactersOf(value);
  checking.charge(value.length >> 6);
  if (typeof maxLength === 'number' && length > maxLength) {
    return [wrong(checking, `expected at most ${maxLength} characters, got ${length}`)];
  }
  if (typeof minLength === 'number' && length < minLength) {
    return [wrong(checking, `expected at least ${minLength} characters, got ${length}`)];
  }
  if (typeof pattern !== 'string' || compilePattern(pattern).matches(value, checking.charge)) return [];
  return [wrong(checking, `expected a text that matches ${pattern}`)];
}

/** JSON Schema counts code points. */
function charactersOf(value: string): number {
  return Array.from(value).length;
}

function faultsOfNumber(schema: JsonObject, value: number, checking: Checking): ValueFault[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const faults: string[] = [];
  if (typeof minimum === 'number' && value < minimum) faults.push(`expected at least ${minimum}`);
  if (typeof maximum === 'number' && value > maximum) faults.push(`expected at most ${maximum}`);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    faults.push(`expected more than ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    faults.push(`expected less than ${exclusiveMaximum}`);
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) {
    faults.push(`expected a multiple of ${multipleOf}`);
  }
  return faults.map((message) => wrong(checking, message));
}

function faultsOfList(schema: JsonObject, value: Json[], checking: Checking): ValueFault[] {
  const { items, minItems, maxItems, uniqueItems } = schema;
  const faults: ValueFault[] = [];
  if (typeof minItems === 'number' && value.length < minItems) {
    faults.push(wrong(checking, `expected at least ${minItems} items, got ${value.length}`));
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    faults.push(wrong(checking, `expected at most ${maxItems} items, got ${value.length}`));
  }
  if (uniqueItems === true) {
    checking.charge(sizeOf(value));
    const distinct = new Set(value.map((item) => canonicalJson(item)));
    if (distinct.size < value.length) faults.push(wrong(checking, 'expected no item twice'));
  }
  if (items === undefined) return faults;
  for (const [position, item] of value.entries()) {
    if (enough(faults)) break;
    faults.push(...faultsInside(position, items, item, checking));
  }
  return faults;
}

function enough(faults: ValueFault[]): boolean {
  return faults.length >= mostFaults;
}

function faultsOfObject(schema: JsonObject, value: JsonObject, checking: Checking): ValueFault[] {
  const { required = [], minProperties, maxProperties, additionalProperties = true } = schema;
  const properties = isObject(schema.properties) ? schema.properties : {};
  const names = Object.keys(value);
  checking.charge(names.length);
  const faults = (required as string[]) // As the schema was checked.
    .filter((name) => !Object.hasOwn(value, name))
    .map((name): ValueFault => ({ path: [...checking.path, name], kind: 'missing', message: 'is required' }));
  if (typeof minProperties === 'number' && names.length < minProperties) {
    faults.push(wrong(checking, `expected at least ${minProperties} members, got ${names.length}`));
  }
  if (typeof maxProperties === 'number' && names.length > maxProperties) {
    faults.push(wrong(checking, `expected at most ${maxProperties} members, got ${names.length}`));
  }
  for (const name of names) {
    if (enough(faults)) break;
    const member = value[name] ?? null;
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) faults.push(...faultsInside(name, known, member, checking));
    else if (additionalProperties === false)
      faults.push({ path: [...checking.path, name], kind: 'unknown', message: 'is not known' });
    else faults.push(...faultsInside(name, additionalProperties, member, checking));
  }
  return faults;
}

/** Those of the schemas for the very same value. */
function faultsInPlace(schema: JsonObject, value: Json, checking: Checking): ValueFault[] {
  const { $ref, not } = schema;
  const { anyOf, oneOf, allOf } = schema as Record<string, Json[] | undefined>; // As the schema was checked.
  const faults = (each: Json) => faultsOf(each, value, checking);
  const fits = (each: Json) => faults(each).length === 0;
  const referred = typeof $ref === 'string' ? referredSchema($ref, checking.root) : undefined;
  return [
    ...(referred === undefined ? [] : faults(referred)),
    ...(allOf ?? []).flatMap(faults),
    ...(anyOf === undefined || anyOf.some(fits) ? [] : faultsOfAlternatives(anyOf, value, checking)),
    ...(oneOf === undefined ? [] : faultsOfOne(oneOf, oneOf.filter(fits).length, value, checking)),
    ...(not === undefined || !fits(not) ? [] : [wrong(checking, 'has a form that is excluded')]),
  ];
}

/** Those of the alternative that the author surely meant: the only one for the value's type. */
function faultsOfAlternatives(alternatives: Json[], value: Json, checking: Checking): ValueFault[] {
  const meant = alternatives
    .map((each) => faultsOf(each, value, checking))
    .filter((faults) => faults.every((fault) => fault.path.length > checking.path.length));
  const [only, another] = meant;
  if (only !== undefined && another === undefined) return only;
  return [wrong(checking, `fits none of ${alternatives.length} alternatives`)];
}

function faultsOfOne(oneOf: Json[], fitting: number, value: Json, checking: Checking): ValueFault[] {
  if (fitting === 1) return [];
  if (fitting === 0) return faultsOfAlternatives(oneOf, value, checking);
  return [wrong(checking, `fits ${fitting} of ${oneOf.length} alternatives, but only one is allowed`)];
}

function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return canonicalJson(a) === canonicalJson(b);
}

function sizeOf(value: Json): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + sizeOf(member), 1);
}
