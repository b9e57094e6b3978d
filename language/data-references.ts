import type { Definition, RunInput, Step } from './definition.ts';
import { isObject, type Json } from './json.ts';
import { isPerItem, itemNameOf } from './operators/item-name.ts';
import { argumentsOf, operatorOf } from './operators/operators.ts';
import { pathParts, pathText } from './path-parts.ts';
import { allSteps } from './plan.ts';
import { parseTemplateText } from './template.ts';
import { listsOf } from './verbs.ts';

/**
 * Which parts of an event's `data` a run can read: a tree of the parts of paths. `whole`: everything from here on. A part without
 * members that is not whole is never made.
 */
export interface DataReferences {
  whole: boolean;
  members: Map<string, DataReferences>;
}

/**
 * Finds the parts of `event.data` to which the definition of a run, its first steps and its children refer. It may name parts that no
 * run reads, and never misses one: a path that is computed counts as everything below its constant beginning. Triggers are left out,
 * because no run evaluates them.
 */
export function dataReferencesOf({
  definition,
  children = {},
  first = [],
}: Pick<RunInput, 'definition' | 'children' | 'first'>): DataReferences {
  const references = newReferences();
  const read = (path: string) => addPath(path, references);
  for (const each of [definition, ...Object.values(children).map((child) => child.definition)]) {
    readDefinition(each, read);
  }
  readSteps(first, read);
  return references;
}

/** The paths that a run keeps, `event.data.items.0`, sorted. `event.data`: all of it. Empty: nothing. */
export function pathsOf(references: DataReferences, path = ['event', 'data']): string[] {
  if (references.whole) return [pathText(path)];
  return [...references.members].flatMap(([part, members]) => pathsOf(members, [...path, part])).sort();
}

/** The parts of `data` to which paths such as `event.data.items.0` lead. Other paths do not count. */
export function referencesOf(paths: readonly string[]): DataReferences {
  const references = newReferences();
  for (const path of paths) addPath(path, references);
  return references;
}

type Read = (path: string) => void;

function newReferences(): DataReferences {
  return { whole: false, members: new Map() };
}

function addPath(path: string, references: DataReferences): void {
  const [root, name, ...parts] = pathParts(path);
  if (root !== '' && root !== 'event') return;
  if (root === 'event' && name !== undefined && name !== 'data') return;
  let node = references;
  for (const part of parts) {
    const next = node.members.get(part) ?? newReferences();
    node.members.set(part, next);
    node = next;
  }
  node.whole = true;
}

function readDefinition({ vars, output, ...definition }: Definition, read: Read): void {
  for (const template of Object.values(vars ?? {})) readTemplate(template, read);
  if (output !== undefined) readTemplate(output, read);
  readSteps(
    listsOf(definition).flatMap(({ steps }) => steps),
    read,
  );
}

function readSteps(steps: Step[], read: Read): void {
  for (const step of allSteps(steps)) readAction(step as unknown as Record<string, Json>, read); // Definitions are JSON.
}

/** Members of a step that hold steps, which {@link allSteps} lists, or words without paths. */
const withoutTemplates = new Set([
  ...[
    'id',
    'title',
    'call',
    'emit',
    'await',
    'run',
    'waitFor',
    'source',
    'type',
    'as',
    'max',
    'timeout',
    'deadline',
    'lookBack',
    'remind',
    'reason',
  ],
  ...[
    'heartbeat',
    'retry',
    'expect',
    'keepHeaders',
    'method',
    'detach',
    'join',
    'concurrency',
    'undoWhen',
    'undoOnTimeout',
  ],
  ...['parallel', 'do', 'then', 'else', 'try', 'catch', 'finally', 'default', 'onTimeout', 'onReject', 'onItemError'],
]);
/** Objects whose keys are names, so that a name that is also an operator's stays a name. */
const fields = new Set(['with', 'headers', 'query', 'form', 'set', 'match', 'details', 'by', 'mail']);

/** Reads the templates and conditions of one step, of its `undo`, or of a case. What is unknown is read as a template. */
function readAction(action: Record<string, Json>, read: Read): void {
  for (const [key, value] of Object.entries(action)) {
    if (withoutTemplates.has(key)) continue;
    if (fields.has(key) && isObject(value)) for (const each of Object.values(value)) readTemplate(each, read);
    else if ((key === 'undo' || key === 'forEach') && isObject(value)) readAction(value, read);
    else if (key === 'switch' && Array.isArray(value)) for (const each of value) readTemplate(conditionOf(each), read);
    else readTemplate(value, read);
  }
}

function conditionOf(each: Json): Json {
  return isObject(each) ? (each.when ?? null) : null;
}

/**
 * Reads a template or an expression: texts in an expression are no templates, but may be taken for one. `read` is told of each path,
 * except where paths start at an item: there, only what an inner operator sees by the name of its item counts.
 */
function readTemplate(template: Json, read: Read, readRoots: Read = read): void {
  if (typeof template === 'string') return readText(template, read);
  if (template === null || typeof template !== 'object') return;
  if (Array.isArray(template)) return template.forEach((item) => readTemplate(item, read, readRoots));
  const name = operatorOf(template)?.name;
  if (name === undefined) return Object.values(template).forEach((member) => readTemplate(member, read, readRoots));
  if (name === 'literal') return;
  const args = argumentsOf(name, template);
  if (name === 'jsonlogic') return readTemplate(dataOf(args[0]), read, readRoots);
  readPaths(name, args, read);
  const readItem = itemNameOf(name, args) === undefined ? () => undefined : readRoots;
  for (const [position, arg] of args.entries()) {
    readTemplate(arg, isPerItem(name) && position === 1 ? readItem : read, readRoots);
  }
}

/** The rule sees only the data that is given to it. */
function dataOf(operand: Json | undefined): Json {
  return isObject(operand) ? (operand.data ?? null) : null;
}

function readText(text: string, read: Read): void {
  try {
    for (const { path } of parseTemplateText(text)) if (path !== undefined) read(path);
  } catch {
    // Evaluating it fails, too, or it is no template.
  }
}

/** The paths that operators take as texts. */
function readPaths(name: string, args: Json[], read: Read): void {
  if (name === 'var') return read(pathIn(args[0] ?? null));
  if (name === 'missing') return readList(args.length === 1 && !isScalar(args[0]) ? args[0] : args, read);
  if (name === 'missing_some') readList(args[1], read);
}

function readList(list: Json | undefined, read: Read): void {
  if (!Array.isArray(list)) return read('');
  for (const path of list) read(pathIn(path));
}

function isScalar(value: Json | undefined): boolean {
  return value === null || typeof value !== 'object';
}

/** A path, or the beginning that all values of a computed one share. The empty path is everything. */
function pathIn(path: Json): string {
  if (typeof path === 'string') return path;
  if (typeof path === 'number') return String(path);
  const [start] = isObject(path) && operatorOf(path)?.name === 'cat' ? argumentsOf('cat', path) : [];
  if (typeof start !== 'string') return '';
  const [plain = '', quoted] = start.split("['");
  return quoted === undefined ? plain.slice(0, Math.max(0, plain.lastIndexOf('.'))) : plain;
}
