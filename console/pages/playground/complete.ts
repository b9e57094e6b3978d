import { getLocation } from 'jsonc-parser';
import schema from '../../../schemas/workflow.schema.json';
import type { CompletionOption, Completer } from '../../parts/editor/code-mirror.ts';

interface Schema {
  $ref?: string;
  type?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
}

const root = schema as unknown as Schema & Record<string, unknown>; // As it is written by `kait schemas`.
const mostOptions = 200;

/** Completes by the JSON schema of definitions. `activities` are what `call` may name, `definitions` what `run` may. */
export function completer(known: { activities: readonly string[]; definitions: readonly string[] }): Completer {
  return (before) => {
    const { path, isAtPropertyKey, previousNode } = getLocation(before, before.length);
    const isInString = previousNode?.type === 'string' || previousNode?.type === 'property';
    const from = isInString && previousNode.offset + previousNode.length >= before.length ? previousNode.offset : null;
    const options = isAtPropertyKey
      ? propertyOptions(schemasAt(path.slice(0, -1)))
      : valueOptions(schemasAt(path), path.at(-1), known);
    if (options.length === 0) return null;
    return { from: from ?? before.length, options: options.slice(0, mostOptions) };
  };
}

function propertyOptions(schemas: readonly Schema[]): CompletionOption[] {
  const found = new Map<string, CompletionOption>();
  for (const { properties = {} } of schemas) {
    for (const [name, { description }] of Object.entries(properties)) {
      if (found.has(name)) continue;
      const apply = JSON.stringify(name);
      found.set(name, { label: apply, apply, ...(description !== undefined && { info: description }) });
    }
  }
  return [...found.values()];
}

function valueOptions(
  schemas: readonly Schema[],
  key: string | number | undefined,
  { activities, definitions }: Parameters<typeof completer>[0],
): CompletionOption[] {
  const named = key === 'call' ? activities : key === 'run' ? definitions : [];
  const values = schemas.flatMap((each) => [
    ...(each.enum ?? []),
    ...('const' in each ? [each.const] : []),
    ...(each.examples ?? []),
    ...(each.type === 'boolean' ? [true, false] : []),
  ]);
  const scalars = values.filter((value) => value === null || typeof value !== 'object');
  return [...new Set([...named, ...scalars].map((value) => JSON.stringify(value)))].map((text) => {
    return { label: text, apply: text };
  });
}

/** What the schema says about the value at a path: every alternative. */
function schemasAt(path: readonly (string | number)[]): Schema[] {
  return path.reduce<Schema[]>((schemas, key) => {
    const inner = schemas.flatMap((each) => memberOf(each, key)).flatMap((each) => alternatives(each));
    return [...new Set(inner)];
  }, alternatives(root));
}

function memberOf({ properties, additionalProperties, items }: Schema, key: string | number): Schema[] {
  if (typeof key === 'number') return typeof items === 'object' ? [items] : [];
  const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (own !== undefined) return [own];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

/** A schema with all that it refers to or combines. */
function alternatives(start: Schema): Schema[] {
  const found = new Set<Schema>();
  const visit = (each: Schema): void => {
    if (found.has(each)) return;
    found.add(each);
    const { $ref, anyOf = [], oneOf = [], allOf = [] } = each;
    const target = $ref === undefined ? undefined : resolve($ref);
    for (const inner of [...anyOf, ...oneOf, ...allOf, ...(target === undefined ? [] : [target])]) visit(inner);
  };
  visit(start);
  return [...found];
}

/** `#/definitions/step` */
function resolve(ref: string): Schema | undefined {
  if (ref === '#') return root;
  const found = ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root);
  return found as Schema | undefined;
}
