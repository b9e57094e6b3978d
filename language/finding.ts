import type { FindingCode } from './codes.ts';
import { printable } from './printable.ts';

/** One mistake, or one thing to look at, in the text of a definition. */
export interface Finding {
  code: FindingCode;
  /** An `error` keeps the definition from being loaded; a `warning` does not. */
  severity: 'error' | 'warning';
  /** What was expected, and what stands there instead. */
  message: string;
  /** What to write instead, where that can be told. */
  hint?: string;
  file: string;
  /** Both count from 1; columns are UTF-16 code units, as in editors. */
  line: number;
  column: number;
  /** UTF-16 code units from there, at least 1. */
  length: number;
  /** RFC 6901; empty for the whole document. */
  pointer: string;
}
/** Wraps text for a terminal; what each part means is the caller's to colour. */
export type Paint = (part: 'error' | 'warning' | 'hint' | 'frame', text: string) => string;

/**
 * Findings as people read them: place, code and message, the line with a caret under it, what to write instead, and where
 * the code is explained.
 * `text` is the one that was checked. Without `paint` it is plain text.
 */
export function formatFindings(checked: {
  file: string;
  text: string;
  findings: readonly Finding[];
  paint?: Paint;
}): string {
  const paint = checked.paint ?? ((_part, text) => text);
  const lines = checked.text.split(/\r\n|\r|\n/);
  return checked.findings.map((finding) => formatFinding(finding, lines[finding.line - 1] ?? '', paint)).join('\n\n');
}

function formatFinding(finding: Finding, sourceLine: string, paint: Paint): string {
  const { file, line, column, severity, code, message, hint } = finding;
  const number = String(line);
  const margin = ' '.repeat(number.length);
  return [
    `${file}:${line}:${column} ${paint(severity, `${severity} ${code}`)} ${printable(message)}`,
    ...frame(finding, sourceLine).map((text, row) => paint('frame', `${row === 0 ? number : margin} | ${text}`)),
    ...(hint === undefined ? [] : [`${margin} = ${paint('hint', printable(hint))}`]),
    `${margin} ${paint('frame', `→ ${explanationOf(code)}`)}`,
  ].join('\n');
}

/** Where the code is explained, from the project's root. */
function explanationOf(code: string): string {
  return `docs/ERRORS.md#${code.toLowerCase()}`;
}

const frameWidth = 100;

/** The line and the caret line; of a very long line only the part around the finding. Tabs take one column. */
function frame({ column, length }: Finding, sourceLine: string): [string, string] {
  const start = column - 1 > frameWidth * 0.75 ? column - 1 - frameWidth / 2 : 0;
  const visible = printable(sourceLine.slice(start, start + frameWidth));
  const caretAt = column - 1 - start;
  const width = Math.max(1, Math.min(length, visible.length - caretAt));
  return [visible, ' '.repeat(caretAt) + '^'.repeat(width)];
}
