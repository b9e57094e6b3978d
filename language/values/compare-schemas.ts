import { canonicalJson, isObject, type Json, type JsonObject } from '../json.ts';
import { inWords, valueFaults } from './check-value.ts';
import { referredSchema, type ValueSchema } from './value-schema.ts';

/** A difference between two schemas of what somebody reads. */
export interface SchemaChange {
  /** Whether a reader who relies on the old schema may meet a value that it does not allow, or miss one that it names. */
  breaking: boolean;
  /** The names of the members, with `[]` for the items of a list. */
  path: string[];
  /** A clause without a subject: `may be left out now`. */
  message: string;
}

/** Pairs of schemas that are compared within one comparison. Beyond it, the rest counts as breaking. */
const mostComparisons = 5_000;
const mostChanges = 200;

interface Comparing {
  before: Json;
  after: Json;
  path: string[];
  /** Pairs under comparison: references may lead back to them. What is shown then is shown by the comparison that is under way. */
  open: ReadonlySet<string>;
  count: { comparisons: number };
}

/**
 * Compares two schemas from the side of a reader: each value that the new one allows should be one that the old one allows. Whatever cannot be
 * shown to be compatible counts as breaking, so a comparison without a breaking change is a proof. Both have no problem (`schemaProblems`).
 */
export function compareSchemas(before: ValueSchema, after: ValueSchema): SchemaChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const comparing = { before, after, path: [], open: new Set<string>(), count: { comparisons: 0 } };
  const changes = compare(before, after, comparing);
  const seen = new Set<string>();
  return changes
    .filter((change) => {
      const key = JSON.stringify([change.path, change.message]);
      return !seen.has(key) && seen.add(key);
    })
    .slice(0, mostChanges);
}

type Compare = (before: Json, after: Json, comparing: Comparing) => SchemaChange[];

const compare: Compare = (before, after, comparing) => {
  comparing.count.comparisons += 1;
  if (comparing.count.comparisons > mostComparisons) return [breaking(comparing, 'is too large to compare')];
  if (after === false && before === false) return [];
  if (isOpen(after)) return isOpen(before) ? [] : compareOpen(comparing);
  if (before === true || after === false) {
    return [fine(comparing, after === false ? 'is not sent any more' : 'is described now')];
  }
  if (before === false) return [breaking(comparing, 'is sent now, and was excluded before')];
  const one = asObject(before);
  const other = asObject(after);
  if (!hasReference(one) && !hasReference(other) && isSame(one, other)) return [];
  const key = canonicalJson([one, other]);
  if (comparing.open.has(key)) return [];
  const inside = { ...comparing, open: new Set([...comparing.open, key]) };
  const values = finiteValues(other, comparing.after);
  if (values !== undefined) return compareValues(one, values, inside);
  return isPlain(one) && isPlain(other) ? comparePlain(one, other, inside) : compareCombined(one, other, inside);
};

/** Whether a schema says nothing. */
function isOpen(schema: Json): boolean {
  return schema === true || (isObject(schema) && Object.keys(meaningOf(schema)).length === 0);
}

/** What may be anything now was something before. */
function compareOpen(comparing: Comparing): SchemaChange[] {
  return [breaking(comparing, 'may be anything now')];
}

function asObject(schema: Json): JsonObject {
  return isObject(schema) ? schema : {};
}

function breaking({ path }: Comparing, message: string): SchemaChange {
  return { breaking: true, path, message };
}

function fine({ path }: Comparing, message: string): SchemaChange {
  return { breaking: false, path, message };
}

/* What says the same. */

const annotations = [
  ...['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'example', 'deprecated'],
  ...['readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType', 'discriminator', '$defs', 'definitions'],
];

function isSame(one: JsonObject, other: JsonObject): boolean {
  return canonicalJson(meaningOf(one)) === canonicalJson(meaningOf(other));
}

/** Without what says nothing about values, at the top. */
function meaningOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !annotations.includes(name)));
}

function hasReference(schema: JsonObject): boolean {
  return JSON.stringify(schema).includes('"$ref"');
}

/* Schemas that allow a few values only. */

/** The values that a schema allows, if they are known one by one. */
function finiteValues(schema: JsonObject, root: Json): Json[] | undefined {
  const { const: constant, enum: values, $ref } = schema;
  const listed = constant !== undefined ? [constant] : Array.isArray(values) ? values : ofTinyTypes(schema);
  if (listed !== undefined) return listed.filter((value) => allows(schema, value, root));
  if (typeof $ref !== 'string' || Object.keys(meaningOf(schema)).length > 1) return undefined;
  const referred = referredSchema($ref, root);
  // A chain of references has an end: see `schemaProblems`.
  return isObject(referred) ? finiteValues(referred, root) : undefined;
}

function ofTinyTypes({ type }: JsonObject): Json[] | undefined {
  if (type === undefined) return undefined;
  const values = [type].flat().map((each): Json[] | undefined => {
    if (each === 'null') return [null];
    return each === 'boolean' ? [true, false] : undefined;
  });
  return values.every((each) => each !== undefined) ? values.flat() : undefined;
}

function allows(schema: Json, value: Json, root: Json): boolean {
  return valueFaults(within(schema, root), value).length === 0;
}

/** The schema with what its references need. */
function within(schema: Json, root: Json): ValueSchema {
  if (schema === root || !isObject(schema)) return schema as ValueSchema;
  return { allOf: [relocated(schema)], $defs: { root: relocated(root) } };
}

/** References to the root lead into `$defs.root`. */
function relocated(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(relocated);
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (name === 'const' || name === 'enum') return [name, value];
      const isReference = name === '$ref' && typeof value === 'string';
      return [name, isReference ? `#/$defs/root${value.slice(1)}` : relocated(value)];
    }),
  );
}

function compareValues(before: JsonObject, values: Json[], comparing: Comparing): SchemaChange[] {
  const added = values.filter((value) => !allows(before, value, comparing.before));
  const earlier = finiteValues(before, comparing.before);
  const key = (value: Json) => canonicalJson(value);
  const gone = earlier?.filter((value) => !values.some((each) => key(each) === key(value))) ?? [];
  if (added.length > 0) return [breaking(comparing, `may also be ${shown(added)} now`)];
  if (gone.length > 0) return [fine(comparing, `is never ${shown(gone)} any more`)];
  return earlier === undefined ? [fine(comparing, `is one of ${shown(values)} now`)] : [];
}

/** Of a keyword: a text or a number. */
function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function shown(values: Json[]): string {
  const texts = values.slice(0, 5).map((value) => JSON.stringify(value).slice(0, 100));
  return `${texts.join(', ')}${values.length > 5 ? ', …' : ''}`;
}

/* Schemas without conditions. */

const combining = ['$ref', 'allOf', 'anyOf', 'oneOf', 'not'];

function isPlain(schema: JsonObject): boolean {
  return combining.every((name) => schema[name] === undefined);
}

const allTypes = ['null', 'boolean', 'object', 'array', 'number', 'string'];

function typesIn({ type }: JsonObject): string[] {
  return type === undefined ? allTypes : ([type].flat() as string[]); // As the schema was checked.
}

function comparePlain(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const types = typesIn(after);
  if (before.const !== undefined || before.enum !== undefined) {
    return [breaking(comparing, 'was one of a few values, and may be any other now')];
  }
  return [
    ...compareTypes(before, after, comparing),
    ...compareFormat(before, after, comparing),
    ...(types.includes('string') ? compareTexts(before, after, comparing) : []),
    ...(types.some(isNumeric) ? compareNumbers(before, after, comparing) : []),
    ...(types.includes('array') ? compareLists(before, after, comparing) : []),
    ...(types.includes('object') ? compareObjects(before, after, comparing) : []),
  ];
}

function isNumeric(type: string): boolean {
  return type === 'number' || type === 'integer';
}

function compareTypes(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const old = typesIn(before);
  const now = typesIn(after);
  const covers = (types: string[], type: string) =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  const added = now.filter((type) => !covers(old, type));
  const gone = old.filter((type) => !covers(now, type));
  const words = (types: string[]) => types.map((type) => inWords[type] ?? type).join(' or ');
  if (added.length === 1 && added[0] === 'number' && old.includes('integer')) {
    return [breaking(comparing, 'may be a fraction now')];
  }
  if (added.length > 0) {
    if (after.type === undefined) return [breaking(comparing, `may be anything now, and was ${words(old)}`)];
    return [
      breaking(
        comparing,
        gone.length === 0 ? `may be ${words(added)} now` : `is ${words(now)} now, and was ${words(old)}`,
      ),
    ];
  }
  return gone.length === 0 ? [] : [fine(comparing, `is only ${words(now)} now`)];
}

/** Kait does not check formats, but readers may. */
function compareFormat({ format: before }: JsonObject, { format: after }: JsonObject, comparing: Comparing) {
  if (before === after) return [];
  const was = wordOf(before);
  if (before === undefined) return [fine(comparing, `has the format ${wordOf(after)} now`)];
  const message =
    after === undefined
      ? `need not have the format ${was} any more`
      : `has the format ${wordOf(after)} now, and had ${was}`;
  return [breaking(comparing, message)];
}

function compareTexts(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  return [
    ...compareBound('minLength', 'least', 0, 'characters', before, after, comparing),
    ...compareBound('maxLength', 'most', Infinity, 'characters', before, after, comparing),
    ...comparePattern(before, after, comparing),
  ];
}

function comparePattern({ pattern: before }: JsonObject, { pattern: after }: JsonObject, comparing: Comparing) {
  if (before === after) return [];
  if (before === undefined) return [fine(comparing, `matches ${wordOf(after)} now`)];
  if (after === undefined) return [breaking(comparing, `need not match ${wordOf(before)} any more`)];
  return [breaking(comparing, `matches ${wordOf(after)} now, and matched ${wordOf(before)}`)];
}

function compareBound(
  name: string,
  side: 'least' | 'most',
  otherwise: number,
  unit: string,
  before: JsonObject,
  after: JsonObject,
  comparing: Comparing,
): SchemaChange[] {
  const bound = (schema: JsonObject) => (typeof schema[name] === 'number' ? schema[name] : otherwise);
  const [old, now] = [bound(before), bound(after)];
  if (old === now) return [];
  const isWider = side === 'least' ? now < old : now > old;
  const limit = `at ${side} ${isWider ? old : now}${unit === '' ? '' : ` ${unit}`}`;
  if (isWider) return [breaking(comparing, `had ${limit}, and may have ${side === 'least' ? 'fewer' : 'more'} now`)];
  return [fine(comparing, `has ${limit} now`)];
}

function compareNumbers(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  return [
    ...compareRange('least', before, after, comparing),
    ...compareRange('most', before, after, comparing),
    ...compareMultiple(before, after, comparing),
  ];
}

/** A bound as a number, and whether the number itself is allowed. */
function boundOf(side: 'least' | 'most', schema: JsonObject): { at: number; open: boolean } {
  const sign = side === 'least' ? 1 : -1;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const [closed, open] = side === 'least' ? [minimum, exclusiveMinimum] : [maximum, exclusiveMaximum];
  const at = (value: Json | undefined) => (typeof value === 'number' ? sign * value : -Infinity);
  return at(open) >= at(closed) ? { at: at(open), open: at(open) !== -Infinity } : { at: at(closed), open: false };
}

function compareRange(
  side: 'least' | 'most',
  before: JsonObject,
  after: JsonObject,
  comparing: Comparing,
): SchemaChange[] {
  const old = boundOf(side, before);
  const now = boundOf(side, after);
  if (old.at === now.at && old.open === now.open) return [];
  const isWider = now.at < old.at || (now.at === old.at && old.open);
  const value = (bound: { at: number }) => (side === 'least' ? bound.at : -bound.at);
  const words = (bound: { at: number; open: boolean }) =>
    `${bound.open ? (side === 'least' ? 'more than' : 'less than') : `at ${side}`} ${value(bound)}`;
  if (!isWider) return [fine(comparing, `is ${words(now)} now`)];
  const wider = now.at === -Infinity ? `any ${side === 'least' ? 'lower' : 'higher'} number` : words(now);
  return [breaking(comparing, `was ${words(old)}, and may be ${wider} now`)];
}

function compareMultiple(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const { multipleOf: old } = before;
  const { multipleOf: now } = after;
  if (old === now || (old === undefined && now === undefined)) return [];
  if (typeof old !== 'number') return [fine(comparing, `is a multiple of ${wordOf(now)} now`)];
  const isWhole = typesIn(after).every((type) => type !== 'number');
  const factor = typeof now === 'number' ? now : isWhole ? 1 : 0;
  // Beyond whole numbers, a quotient may be rounded.
  if (old === 1 && isWhole) return [];
  const isShown = Number.isSafeInteger(factor) && Number.isSafeInteger(old) && factor > 0 && factor % old === 0;
  if (isShown) return [fine(comparing, `is a multiple of ${factor} now`)];
  return [breaking(comparing, `need not be a multiple of ${old} any more`)];
}

function compareLists(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const isEmpty = after.maxItems === 0;
  const inside = { ...comparing, path: [...comparing.path, '[]'] };
  return [
    ...compareBound('minItems', 'least', 0, 'items', before, after, comparing),
    ...compareBound('maxItems', 'most', Infinity, 'items', before, after, comparing),
    ...(before.uniqueItems === true && after.uniqueItems !== true && Number(after.maxItems ?? Infinity) > 1
      ? [breaking(comparing, 'may have an item twice now')]
      : []),
    ...(isEmpty ? [] : compare(before.items ?? true, after.items ?? true, inside)),
  ];
}

function compareObjects(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const names = [...new Set([...Object.keys(propertiesOf(before)), ...Object.keys(propertiesOf(after))])];
  return [
    ...compareBound('minProperties', 'least', 0, 'members', before, withLeastMembers(after, before), comparing),
    ...compareBound('maxProperties', 'most', Infinity, 'members', before, after, comparing),
    ...compareRequired(before, after, comparing),
    ...names.flatMap((name) => compareMember(name, before, after, comparing)),
    ...compareOthers(before, after, comparing),
  ];
}

/** Members that are always there count, if that matters. */
function withLeastMembers(schema: JsonObject, before: JsonObject): JsonObject {
  const { minProperties = 0 } = schema;
  if (before.minProperties === undefined) return schema;
  return { ...schema, minProperties: Math.max(Number(minProperties), new Set(requiredOf(schema)).size) };
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {};
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? (required as string[]) : []; // As the schema was checked.
}

function compareRequired(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const at = (name: string) => ({ ...comparing, path: [...comparing.path, name] });
  const [old, now] = [requiredOf(before), requiredOf(after)];
  const optional = old.filter((name) => !now.includes(name));
  const certain = now.filter((name) => !old.includes(name) && Object.hasOwn(propertiesOf(before), name));
  return [
    ...optional
      .filter((name) => memberOf(name, before) === false || !isRemoved(name, before, after))
      .map((name) => breaking(at(name), 'may be left out now')),
    ...certain.map((name) => fine(at(name), 'is always there now')),
  ];
}

function isRemoved(name: string, before: JsonObject, after: JsonObject): boolean {
  return Object.hasOwn(propertiesOf(before), name) && !Object.hasOwn(propertiesOf(after), name);
}

function compareMember(name: string, before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const inside = { ...comparing, path: [...comparing.path, name] };
  const [old, now] = [memberOf(name, before), memberOf(name, after)];
  if (isRemoved(name, before, after) && old !== false) return [breaking(inside, 'was removed')];
  if (Object.hasOwn(propertiesOf(before), name)) return compare(old, now, inside);
  const added = now === false ? [] : [fine(inside, 'was added')];
  const changes = compare(old, now, inside).filter((change) => change.breaking);
  if (old === false && now !== false) return [breaking(inside, 'was added, and no other members were allowed')];
  return changes.length > 0 ? changes : added;
}

/** What a member of this name may be. */
function memberOf(name: string, schema: JsonObject): Json {
  const properties = propertiesOf(schema);
  return (Object.hasOwn(properties, name) ? properties[name] : schema.additionalProperties) ?? true;
}

function compareOthers(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const { additionalProperties: old = true } = before;
  const { additionalProperties: now = true } = after;
  if (old === false && now !== false) return [breaking(comparing, 'may have other members now')];
  if (old === true && now === false) return [fine(comparing, 'has no other members now')];
  return compare(old, now, { ...comparing, path: [...comparing.path, '*'] });
}

/* Schemas with references, alternatives and conditions. */

function compareCombined(before: JsonObject, after: JsonObject, comparing: Comparing): SchemaChange[] {
  const old = followed(before, comparing.before);
  const now = followed(after, comparing.after);
  if (old !== before || now !== after) return compare(old, now, comparing);
  if (isProven(before, after, comparing)) {
    return [fine(comparing, 'has other conditions, which allow nothing that was not allowed before')];
  }
  return [breaking(comparing, 'has other conditions, and may be what was not allowed before')];
}

/** What a schema that is only a reference refers to. */
function followed(schema: JsonObject, root: Json): Json {
  const { $ref } = schema;
  if (typeof $ref !== 'string' || Object.keys(meaningOf(schema)).length > 1) return schema;
  return referredSchema($ref, root) ?? true;
}

/** Whether each value that `after` allows is surely allowed by `before`: by each part of it. */
function isProven(before: JsonObject, after: JsonObject, comparing: Comparing): boolean {
  const { $ref, allOf, anyOf, oneOf, not, ...base } = before;
  const conditions: Json[] = [
    ...(typeof $ref === 'string' ? [referredSchema($ref, comparing.before) ?? true] : []),
    ...listOf(allOf),
    ...(Object.keys(meaningOf(base)).length === 0 ? [] : [base]),
  ];
  return (
    conditions.every((each) => isWithin(each, after, comparing)) &&
    (anyOf === undefined || isWithinAny(listOf(anyOf), after, comparing)) &&
    (oneOf === undefined || isWithinOne(listOf(oneOf), after, comparing)) &&
    (not === undefined || repeats('not', not, after, comparing))
  );
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Whether `after`, one of its conditions, or each of its alternatives is within `condition`. */
function isWithin(condition: Json, after: JsonObject, comparing: Comparing): boolean {
  const holds = (part: Json) => !compare(condition, part, comparing).some((change) => change.breaking);
  const { $ref, allOf, anyOf, oneOf } = after;
  const base = withoutConditions(after);
  const referred = typeof $ref === 'string' ? [referredSchema($ref, comparing.after) ?? true] : [];
  if (!isPlain(after) && Object.keys(meaningOf(base)).length > 0 && holds(base)) return true;
  if (isPlain(after) && holds(after)) return true;
  if ([...referred, ...listOf(allOf)].some(holds)) return true;
  return [anyOf, oneOf].some((each) => each !== undefined && listOf(each).every((part) => holds(withBase(base, part))));
}

/** An alternative with what is said beside it, if that is simple. */
function withBase(base: JsonObject, part: Json): Json {
  if (!isObject(part)) return part;
  const isDisjoint = Object.keys(meaningOf(base)).every((name) => part[name] === undefined);
  return isDisjoint ? { ...base, ...part } : part;
}

function isWithinAny(alternatives: Json[], after: JsonObject, comparing: Comparing): boolean {
  if (alternatives.some((each) => isWithin(each, after, comparing))) return true;
  const { anyOf, oneOf } = after;
  const base = withoutConditions(after);
  return [anyOf, oneOf].some(
    (list) =>
      list !== undefined &&
      listOf(list).every((part) => {
        const whole = asObject(withBase(base, part));
        if (part === false) return true;
        return isObject(part) && alternatives.some((each) => isWithin(each, whole, comparing));
      }),
  );
}

function withoutConditions(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !combining.includes(name)));
}

/** One of several that exclude each other is the same as any of them. */
function isWithinOne(alternatives: Json[], after: JsonObject, comparing: Comparing): boolean {
  if (repeats('oneOf', alternatives, after, comparing)) return true;
  const areDisjoint = alternatives.every((one, at) =>
    alternatives.slice(at + 1).every((other) => excludes(one, other, comparing.before)),
  );
  return areDisjoint && isWithinAny(alternatives, after, comparing);
}

/** Whether no value fits both, as far as types and the values of a required member tell. */
function excludes(one: Json, other: Json, root: Json): boolean {
  const [a, b] = [followed(asObject(one), root), followed(asObject(other), root)].map(asObject);
  if (a === undefined || b === undefined) return false;
  const kinds = (schema: JsonObject) => kindsIn(schema).map((type) => (type === 'integer' ? 'number' : type));
  if (!kinds(a).some((type) => kinds(b).includes(type))) return true;
  const areObjects = [a, b].every(({ type }) => type === 'object');
  return (
    areObjects &&
    requiredOf(a)
      .filter((name) => requiredOf(b).includes(name))
      .some((name) => {
        const [first, second] = [a, b].map((each) => constantsOf(propertiesOf(each)[name]));
        return first !== undefined && second !== undefined && !first.some((value) => second.includes(value));
      })
  );
}

/** The types of its values, if it lists them. */
function kindsIn(schema: JsonObject): string[] {
  const values = schema.const !== undefined ? [schema.const] : schema.enum;
  if (!Array.isArray(values)) return typesIn(schema);
  return values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value));
}

function constantsOf(schema: Json | undefined): string[] | undefined {
  if (!isObject(schema)) return undefined;
  const values = schema.const !== undefined ? [schema.const] : schema.enum;
  return Array.isArray(values) ? values.map((value) => canonicalJson(value)) : undefined;
}

/** Whether `after` says the same, reference by reference. */
function repeats(
  name: 'not' | 'oneOf',
  condition: Json,
  after: JsonObject,
  { before, after: root }: Comparing,
): boolean {
  const own = after[name];
  if (own === undefined) return false;
  const [one, other] = [spelledOut(condition, before), spelledOut(own, root)];
  return one !== undefined && other !== undefined && canonicalJson(one) === canonicalJson(other);
}

/** References that are followed. */
const mostFollowed = 100;

/** With what references lead to in their place; undefined if that is too much, or has no end. */
function spelledOut(schema: Json, root: Json): Json | undefined {
  let followed = 0;
  const follow = (each: Json): Json => {
    if (Array.isArray(each)) return each.map(follow);
    if (!isObject(each) || followed > mostFollowed) return each;
    return Object.fromEntries(
      Object.entries(each).map(([name, value]) => {
        if (name !== '$ref' || typeof value !== 'string') return [name, follow(value)];
        followed += 1;
        return [name, follow(referredSchema(value, root) ?? true)];
      }),
    );
  };
  const spelled = follow(schema);
  return followed > mostFollowed ? undefined : spelled;
}
