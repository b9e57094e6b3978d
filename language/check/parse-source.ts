import { createScanner, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { Json } from '../json.ts';
import { createReport, type Path, type Report } from './report.ts';

/** The value of a text, or a report of why it could not be read. */
export interface ParsedSource {
  report: Report;
  /** Undefined: the text could not be read. */
  value: Json | undefined;
}

export const sourceLimits = { characters: 131_072, levels: 64, steps: 500 } as const;

/**
 * Reads JSON with comments and keeps all positions. Duplicate keys, inexact numbers, excessive size and excessive nesting are
 * findings. Never throws.
 */
export function parseSource(file: string, written: string): ParsedSource {
  const text = written.replace(/^\uFEFF/, ' '); // Replaces a byte order mark without moving positions.
  const tooLarge = sizeProblem(text);
  if (tooLarge !== undefined) {
    const report = createReport(file, text, undefined);
    report.addAt('KAIT1002', { offset: tooLarge.offset, length: 1, path: [] }, tooLarge.message);
    return { report, value: undefined };
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: false });
  const report = createReport(file, text, root);
  for (const error of firstErrorPerLine(text, errors)) {
    report.addAt('KAIT1001', { ...rangeOf(text, error), path: [] }, syntaxMessage(text, error));
  }
  if (root === undefined || errors.length > 0) return { report, value: undefined };
  return { report, value: valueOf(root, [], text, report) };
}

/** Scans the tokens first: the parser recurses and could exhaust the stack. */
function sizeProblem(text: string): { offset: number; message: string } | undefined {
  if (text.length > sourceLimits.characters) {
    return {
      offset: 0,
      message: `The file has ${text.length} characters, more than the ${sourceLimits.characters} allowed.`,
    };
  }
  const scanner = createScanner(text, true);
  let level = 0;
  // The numbers are SyntaxKind's, an ambient const enum: 1 "{", 2 "}", 3 "[", 4 "]", 17 the end.
  for (let token: number = scanner.scan(); token !== 17; token = scanner.scan()) {
    if (token === 1 || token === 3) level += 1;
    if (token === 2 || token === 4) level -= 1;
    if (level > sourceLimits.levels) {
      const message = `The file is nested more than ${sourceLimits.levels} levels deep.`;
      return { offset: scanner.getTokenOffset(), message };
    }
  }
  return undefined;
}

/** One mistake causes several errors. Keeps the first on each line, at most three. */
export function firstErrorPerLine(text: string, errors: ParseError[]): ParseError[] {
  const first = errors.slice(0, 20);
  const lines = first.map((error) => text.slice(0, error.offset).split('\n').length);
  return first.filter((_error, position) => lines.indexOf(lines[position] ?? 0) === position).slice(0, 3);
}

/** The position of an error; in an empty file, its start. */
function rangeOf(text: string, { offset, length }: ParseError): { offset: number; length: number } {
  return text.trim() === '' ? { offset: 0, length: 1 } : { offset, length };
}

const syntaxMessages: Record<string, string> = {
  InvalidSymbol: 'Expected a text in double quotes, a number, true, false or null.',
  InvalidNumberFormat: 'JSON does not allow this number.',
  PropertyNameExpected: 'Expected a key in double quotes.',
  ValueExpected: 'Expected a value.',
  ColonExpected: 'Expected a colon between key and value.',
  CommaExpected: 'Expected a comma before this.',
  CloseBraceExpected: 'Expected a closing "}".',
  CloseBracketExpected: 'Expected a closing "]".',
  EndOfFileExpected: 'Expected the end of the file after one object.',
  UnexpectedEndOfComment: 'The comment is never closed.',
  UnexpectedEndOfString: 'The text is not closed on its line.',
};

/** Describes a syntax error to the author of the file. */
export function syntaxMessage(text: string, { error, offset }: ParseError): string {
  const name: string = printParseErrorCode(error);
  const afterComma = /,\s*$/.test(text.slice(0, offset));
  const trailing = afterComma && /^[}\]]/.test(text.slice(offset));
  if (trailing) return 'Remove the comma before this bracket: trailing commas are not allowed.';
  if (text.trim() === '') return 'The file is empty.';
  return syntaxMessages[name] ?? 'JSON does not allow this.';
}

function valueOf(node: Node, path: Path, text: string, report: Report): Json {
  const children = node.children ?? [];
  switch (node.type) {
    case 'object':
      return objectOf(children, path, text, report);
    case 'array':
      return children.map((child, position) => valueOf(child, [...path, position], text, report));
    case 'number':
      checkNumber(node, path, text, report);
      return node.value as number;
    case 'property':
    case 'string':
    case 'boolean':
    case 'null':
      return node.value as Json;
  }
}

/** `fromEntries` makes every key an own property, `__proto__` among them. */
function objectOf(properties: Node[], path: Path, text: string, report: Report): Json {
  const entries = new Map<string, Json>();
  for (const { children: [key, value] = [] } of properties) {
    if (key === undefined || value === undefined) continue;
    const name = key.value as string;
    if (entries.has(name))
      report.addAt('KAIT1003', { ...place(key), path: [...path, name] }, `This object has the key "${name}" twice.`);
    else entries.set(name, valueOf(value, [...path, name], text, report));
  }
  return Object.fromEntries(entries);
}

/** Amounts must not change silently: 12345678901234567890 would become …7000, and 1e999 Infinity. */
function checkNumber(node: Node, path: Path, text: string, report: Report): void {
  const written = text.slice(node.offset, node.offset + node.length);
  const value = node.value as number;
  const isInexact = /^-?[0-9]+$/.test(written) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
  if (!isInexact) return;
  const hint = 'Write it as a text.';
  report.addAt('KAIT1004', { ...place(node), path }, `A double cannot hold ${written.slice(0, 60)} exactly.`, hint);
}

function place({ offset, length }: Node): { offset: number; length: number } {
  return { offset, length };
}
