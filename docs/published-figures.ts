import { fileURLToPath } from 'node:url';
import { describeTarget } from '../bench/report.ts';
import { readResults, type Result } from '../bench/results.ts';

const published = fileURLToPath(new URL('../bench/published.json', import.meta.url));

/** The figures of `docs/BENCHMARKS.md`: those that `npm run bench -- --save bench/published.json` has kept. */
export async function publishedFigures(): Promise<string> {
  return (await readResults(published)).map(resultSection).join('\n\n');
}

function resultSection({ title, notes, headings, rows, targets, at, commit, machine }: Result): string {
  const line = (cells: readonly (string | number | null)[]) =>
    `| ${cells.map((cell) => String(cell ?? '–')).join(' | ')} |`;
  const figures = [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
  const promises = targets.map((target) => `- ${describeTarget(target)}`).join('\n');
  const when = `Measured on ${at.slice(0, 10)}${commit === null ? '' : `, commit \`${commit}\``}, on ${machine}.`;
  return [`### ${title}`, notes.join(' '), figures, promises, when].filter((part) => part !== '').join('\n\n');
}
