import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { table } from '../cli/terminal.ts';
import { rounded, type Report } from './report.ts';

const cell = z.union([z.string(), z.number(), z.null()]);
const reportSchema = z.strictObject({
  title: z.string(),
  notes: z.array(z.string()),
  headings: z.array(z.string()),
  rows: z.array(z.array(cell)),
  targets: z.array(
    z.strictObject({
      what: z.string(),
      // JSON has no NaN and no infinity: what could not be measured is null in the file.
      measured: z.union([z.number(), z.null().transform(() => NaN)]),
      unit: z.enum(['', ' ms', ' µs', ' MB']),
      atLeast: z.number().exactOptional(),
      atMost: z.number().exactOptional(),
    }),
  ),
});
const resultSchema = z.strictObject({
  /** When the run began, RFC 3339. */
  at: z.string(),
  /** What was measured: a commit of Git, with `+` if files were changed after it. Null: not known. */
  commit: z.string().nullable(),
  /** See `describeMachine`. */
  machine: z.string(),
  reports: z.array(reportSchema),
});

/** What one run of `npm run bench` has measured, as it is kept in a file. */
export type Result = z.output<typeof resultSchema>;

/** Where runs are kept. Not in Git. */
export const resultsFolder = fileURLToPath(new URL('../bench-results/', import.meta.url));

const run = promisify(execFile);

/** The commit of this checkout, for `Result.commit`. */
export async function measuredCommit(): Promise<string | null> {
  const git = (...args: string[]) => run('git', args, { cwd: dirname(fileURLToPath(import.meta.url)) });
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short=10', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return `${head.stdout.trim()}${changes.stdout === '' ? '' : '+'}`;
  } catch {
    return null; // No Git, or no repository.
  }
}

/** The file of a run that began then, in the order of time. */
export function resultFile(at: string): string {
  return join(resultsFolder, `${at.replaceAll(':', '').replace(/\.\d+/, '')}.json`);
}

export async function saveResult(file: string, result: Result): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
}

/** Throws an error that names the file if it is not there, or not such a result. */
export async function readResult(file: string): Promise<Result> {
  try {
    return resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is not the result of a benchmark: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
}

/** The newest kept run that has a report with this title, and began before that time. Files that cannot be read are passed over. */
export async function earlierResult(title: string, before: string, folder = resultsFolder): Promise<Result | null> {
  const names = await readdir(folder).catch(() => []);
  const newestFirst = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse();
  for (const name of newestFirst) {
    const result = await readResult(join(folder, name)).catch(() => null);
    if (result !== null && result.at < before && result.reports.some((report) => report.title === title)) return result;
  }
  return null;
}

/** Each figure of a report beside the one of an earlier run, with their ratio. Empty if the earlier run has none of them. */
export function compareReports(now: Report, earlier: Result): string {
  const then = earlier.reports.find(({ title }) => title === now.title);
  if (then === undefined) return '';
  const before = new Map(figuresOf(then));
  const rows = figuresOf(now).flatMap(([name, value]) => {
    const old = before.get(name);
    return old === undefined ? [] : [[name, rounded(old), rounded(value), ratioOf(old, value)]];
  });
  if (rows.length === 0) return '';
  const commit = earlier.commit === null ? '' : ` of ${earlier.commit}`;
  const machine = earlier.machine.replace(/; load before:.*/, '');
  return [
    `  Compared with the run${commit} at ${earlier.at}, on ${machine}:`,
    '',
    table(['figure', 'then', 'now', 'ratio'], rows),
    '',
  ].join('\n');
}

function ratioOf(old: number, value: number): string | null {
  return old === 0 || !Number.isFinite(value / old) ? null : rounded(value / old);
}

/** All numbers of a report by name: those of its targets, and of each row whose first columns say what it is about. */
function figuresOf({ headings, rows, targets }: Report): [string, number][] {
  const ofRows = rows.flatMap((row) => {
    const isNumber = row.map((value) => value !== null && value !== '' && Number.isFinite(Number(value)));
    const firstNumber = Math.max(1, isNumber.indexOf(true));
    const label = row.slice(0, firstNumber).join(', ');
    return row.flatMap((value, column): [string, number][] =>
      column >= firstNumber && isNumber[column] ? [[`${label}: ${headings[column] ?? column}`, Number(value)]] : [],
    );
  });
  const ofTargets = targets
    .filter(({ measured }) => Number.isFinite(measured))
    .map(({ what, measured }): [string, number] => [what, measured]);
  return [...ofRows, ...ofTargets];
}
