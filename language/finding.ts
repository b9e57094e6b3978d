import type { FindingCode } from './codes.ts';
import { printable } from './printable.ts';

/** A mistake, or something worth a look, in the text of a definition. */
export interface Finding {
  code: FindingCode;
  /** An `error` keeps the definition from being loaded; a `warning` does not. */
  severity: 'error' | 'warning';
  /** What was expected and what was found. */
  message: string;
  /** What to write instead, if that is known. */
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

/** Wraps text for a terminal. The caller chooses a color for each part. */
export type Paint = (part: 'error' | 'warning' | 'hint' | 'frame', text: string) => string;

/**
 * Formats findings for people: place, code and message, the line with carets, the hint, and where the code is explained.
 * `text` is the checked text. Without `paint` the result is plain text.
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

/** The line and the carets under it. Shows only the part of a very long line around the finding. Tabs take one column. */
function frame({ column, length }: Finding, sourceLine: string): [string, string] {
  const start = column - 1 > frameWidth * 0.75 ? column - 1 - frameWidth / 2 : 0;
  const visible = printable(sourceLine.slice(start, start + frameWidth));
  const caretAt = column - 1 - start;
  const width = Math.max(1, Math.min(length, visible.length - caretAt));
  return [visible, ' '.repeat(caretAt) + '^'.repeat(width)];
}
