import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { KaitError } from '../errors.ts';
import { printable, shortened } from '../language/printable.ts';
import type { WebUi } from './compose/web-ui.ts';
import type { Paint } from '../simulator/format-simulation.ts';

/** Writes one or more lines to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a line to standard output. Resolves once the reader has taken it: true, or false if there is no reader any more. */
export function writeLine(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(`${text}\n`, (error) => {
      resolve(error === null || error === undefined);
    });
  });
}

/** Asks a question of the person at this terminal. Null if there is none. */
export function confirmInTerminal(): ((question: string) => Promise<boolean>) | null {
  if (!process.stdin.isTTY) return null;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
    } finally {
      terminal.close();
    }
  };
}

/** Reads a file, or the standard input for `-`. Throws KAIT_USAGE. */
export async function readInput(file: string): Promise<Buffer> {
  if (file === '-') return Buffer.concat(await process.stdin.toArray());
  return readFile(file).catch((error: unknown) => {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new KaitError('KAIT_USAGE', `${file} cannot be read (${reason}).`, { cause: error });
  });
}

/**
 * The address of a page of Temporal's Web UI, for standard output. Only on a terminal is it one that admits a browser: other
 * output may be a log that is kept elsewhere.
 */
export function shownAddress(ui: WebUi, path: string, isTerminal = process.stdout.isTTY): string {
  return isTerminal ? ui.link(path) : `${ui.url}${path}`;
}

/** Rows as aligned columns under dimmed headings. Cells longer than 100 characters end in an ellipsis. */
export function table(headings: string[], rows: (string | number | null)[][]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [pc.dim(line(headings)), ...cells.map(line)].join('\n');
}

const widest = 100;

function cellText(value: string | number | null): string {
  return shortened(printable(String(value ?? '–')), widest);
}

const styles: Record<Parameters<Paint>[0], (text: string) => string> = {
  good: pc.green,
  bad: pc.red,
  caution: pc.yellow,
  faint: pc.dim,
  strong: pc.bold,
};

/** Colours text if standard output is a terminal that shows colours. */
export const paint: Paint = (style, text) => styles[style](text);
