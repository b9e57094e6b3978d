import { findNodeAtLocation, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { z } from 'zod';
import { firstErrorPerLine, syntaxMessage } from './check/parse-source.ts';
import { closest } from './closest.ts';
import type { Json } from './json.ts';

/** What is wrong with a JSON file, and where. Lines and columns begin with 1. */
export interface Mistake {
  file: string;
  line: number;
  column: number;
  message: string;
}

/** What is checked in place of what a file says, or why that cannot be told: a place in the file, and what is wrong there. */
export type Completed = { value: unknown } | { path: string[]; problem: string };

/**
 * Parses JSON with comments and checks it against a schema. Presets, sources, mail templates and vectors are read with it. If there
 * are mistakes, `value` is null, and `mistakes` has the first syntax errors or everything that the schema rejects, in the order of
 * the text. `complete` makes what is checked of what the file says; mistakes are shown at the nearest place in the file.
 */
export function readJsonText<T extends z.ZodType>(
  schema: T,
  written: string,
  file: string,
  complete: (own: Json) => Completed = (value) => ({ value }),
): { value: z.output<T>; mistakes: [] } | { value: null; mistakes: Mistake[] } {
  const text = written.replace(/^\uFEFF/, ' '); // Replaces a byte order mark without moving positions.
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const at = (offset: number, message: string): Mistake => ({ file, ...positionOf(text, offset), message });
  if (text.trim() === '') return { value: null, mistakes: [at(0, 'The file is empty.')] };
  if (root === undefined || errors.length > 0) {
    const shown = firstErrorPerLine(text, errors);
    return { value: null, mistakes: shown.map((error) => at(error.offset, syntaxMessage(text, error))) };
  }
  const bad = badKeys(root).map(({ key, why }) => at(key.offset, `"${String(key.value)}" ${why}`));
  const completed = complete(getNodeValue(root) as Json);
  if ('problem' in completed) {
    const { offset } = findNodeAtLocation(root, completed.path) ?? root;
    return { value: null, mistakes: [...bad, at(offset, `${completed.path.join('.')}: ${completed.problem}`)] };
  }
  const parsed = schema.safeParse(completed.value);
  const found = parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(issue, schema, root, at));
  const mistakes = [...bad, ...found].sort((a, b) => a.line - b.line || a.column - b.column);
  return parsed.success && mistakes.length === 0 ? { value: parsed.data, mistakes: [] } : { value: null, mistakes };
}

/** `presets/a.json:3:7  expected …`, one line for each. */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  return mistakes.map(({ file, line, column, message }) => `${file}:${line}:${column}  ${message}`).join('\n');
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** Keys that neither JSON.parse nor zod reports: the last of two equal keys would win, and `__proto__` would disappear. */
function badKeys(node: Node): { key: Node; why: string }[] {
  const seen = new Set<unknown>();
  return (node.children ?? []).flatMap((child) => {
    const nested = badKeys(child);
    const key = child.type === 'property' ? child.children?.[0] : undefined;
    if (key === undefined) return nested;
    const why =
      key.value === '__proto__' ? 'cannot be a name' : seen.has(key.value) ? 'appears twice in this object' : undefined;
    seen.add(key.value);
    return why === undefined ? nested : [{ key, why }, ...nested];
  });
}

type Issue = z.core.$ZodIssue;

function mistakesOf(issue: Issue, schema: z.ZodType, root: Node, at: (offset: number, message: string) => Mistake) {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      at(keyOffset(root, [...path, key]), `"${key}" is not known here.${hintFor(key, schema)}`),
    );
  }
  if (issue.code === 'invalid_key') {
    const why = issue.issues.map(({ message }) => message).join('; ');
    return [at(keyOffset(root, path), why)];
  }
  const subject = path.length === 0 ? '' : `${path.join('.')}: `;
  return [at(nearestNode(root, path).offset, `${subject}${issue.message}`)];
}

function keyOffset(root: Node, path: (string | number)[]): number {
  return findNodeAtLocation(root, path)?.parent?.offset ?? nearestNode(root, path).offset;
}

/** The node at the path. If it is missing, the innermost one around it. */
function nearestNode(root: Node, path: (string | number)[]): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return root;
}

function hintFor(key: string, schema: z.ZodType): string {
  const names = new Set<string>();
  collectNames(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), names);
  const near = closest(key, [...names]);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function collectNames(jsonSchema: unknown, names: Set<string>): void {
  if (jsonSchema === null || typeof jsonSchema !== 'object') return;
  if ('properties' in jsonSchema && jsonSchema.properties !== null && typeof jsonSchema.properties === 'object') {
    for (const name of Object.keys(jsonSchema.properties)) names.add(name);
  }
  for (const member of Object.values(jsonSchema)) collectNames(member, names);
}
