import pc from 'picocolors';
import { printable } from '../language/printable.ts';

/** Rows as aligned columns under dimmed headings; cells longer than 100 characters end in an ellipsis. */
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
  const text = printable(String(value ?? '–'));
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}
