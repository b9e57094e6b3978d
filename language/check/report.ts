import { suggest } from '../closest.ts';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { findingKinds, type FindingCode } from '../codes.ts';
import type { Finding } from '../finding.ts';

/** What to write instead. Computed only when shown: looking for similar names takes longer than the rest of the check. */
export type Hint = string | (() => string | undefined);

/** Keys and positions from the document's root. */
export type Path = readonly (string | number)[];

/** The place of a finding: a value, its key, or a part of a text. */
export interface Place {
  path: Path;
  on?: 'key' | 'value';
  /** Within the decoded text of a string. */
  within?: { offset: number; length: number };
}

/** Collects findings with their positions in the text. */
export interface Report {
  add(code: FindingCode, place: Place, message: string, hint?: Hint): void;
  /** For findings without a path, such as syntax errors. */
  addAt(code: FindingCode, range: Range, message: string, hint?: Hint): void;
  /** In the order of the text. At most 200: nobody reads more. */
  findings(): Finding[];
  /** Whether there was an error, even one beyond the 200. */
  hasErrors(): boolean;
}

export interface Range {
  offset: number;
  length: number;
  path: Path;
}

const mostFindings = 200;

export function createReport(file: string, text: string, root: Node | undefined): Report {
  const found: { finding: Finding; offset: number }[] = [];
  const lineStarts = startsOfLines(text);
  let errors = 0;

  function add(code: FindingCode, rangeOf: () => Range, message: string, hint?: Hint): void {
    if (findingKinds[code].severity === 'error') errors += 1;
    if (found.length >= mostFindings) return;
    const { offset, length, path } = rangeOf();
    const hintText = typeof hint === 'function' ? hint() : hint;
    const line = lineStarts.findLastIndex((start) => start <= offset);
    const finding: Finding = {
      code,
      severity: findingKinds[code].severity,
      message,
      ...(hintText === undefined ? {} : { hint: hintText }),
      file,
      line: line + 1,
      column: offset - (lineStarts[line] ?? 0) + 1,
      length: Math.max(1, length),
      pointer: pointerTo(path),
    };
    found.push({ finding, offset });
  }

  return {
    add: (code, place, message, hint) => {
      add(code, () => ({ ...rangeOf(text, root, place), path: place.path }), message, hint);
    },
    addAt: (code, range, message, hint) => add(code, () => range, message, hint),
    hasErrors: () => errors > 0,
    findings: () => found.sort((a, b) => a.offset - b.offset).map(({ finding }) => finding),
  };
}

/** RFC 6901. */
function pointerTo(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A missing property is shown at the nearest object around it. */
function rangeOf(
  text: string,
  root: Node | undefined,
  { path, on, within }: Place,
): { offset: number; length: number } {
  const node = root === undefined ? undefined : findNodeAtLocation(root, [...path]);
  if (node === undefined)
    return path.length === 0 ? { offset: 0, length: 1 } : rangeOf(text, root, { path: path.slice(0, -1) });
  const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
  if (on === 'key' && key !== undefined) return key;
  if (within !== undefined && isPlainString(text, node)) {
    return { offset: node.offset + 1 + within.offset, length: within.length };
  }
  const isOpen = node.type === 'object' || node.type === 'array';
  return isOpen ? { offset: node.offset, length: 1 } : node; // The first brace is enough to mark a block.
}

/** Without escapes, positions in the decoded string are positions in the text. */
function isPlainString(text: string, node: Node): boolean {
  return node.type === 'string' && !text.slice(node.offset, node.offset + node.length).includes('\\');
}

function startsOfLines(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((match) => match.index + match[0].length)];
}

/** Defers `suggest` until the finding is reported: only the first 200 are. */
export function didYouMean(word: string, names: () => readonly string[], otherwise?: string): Hint {
  return () => suggest(word, names(), otherwise);
}
