import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { table } from '../cli/terminal.ts';
import { rounded, type Report } from './report.ts';

const runSchema = z.strictObject({
  /** When the run began, RFC 3339 in UTC. */
  at: z.iso.datetime(),
  /** What was measured: a commit of Git, with `+` if files had been changed since. Null: not known. */
  commit: z.string().nullable(),
  /** See `describeMachine`. */
  machine: z.string(),
});
const resultSchema = runSchema.extend({
  title: z.string(),
  notes: z.array(z.string()),
  headings: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
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

/** One run of `npm run bench`. */
export type Run = z.output<typeof runSchema>;
/** What it has measured of one thing, as it is kept in a file. */
export type Result = z.output<typeof resultSchema>;

/** Where runs are kept. Not in Git. */
const resultsFolder = fileURLToPath(new URL('../bench-results/', import.meta.url));

const execute = promisify(execFile);

/** The commit of this checkout, for `Run.commit`. */
export async function measuredCommit(): Promise<string | null> {
  const git = (...args: string[]) => execute('git', args, { cwd: dirname(fileURLToPath(import.meta.url)) });
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

/** The file of the run that began then. Names are in the order of time. */
export function resultFile({ at }: Run): string {
  return join(resultsFolder, `${at.replaceAll(':', '').replace(/\.\d+/, '')}.json`);
}

/** Adds a result to a file, in place of one with the same title. Makes the file, and its folder. */
export async function keepResult(file: string, result: Result): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const kept = await readResults(file).catch((error: unknown): Result[] => {
    if (isAbsent(error)) return [];
    throw error;
  });
  const at = kept.findIndex(({ title }) => title === result.title);
  const all = at < 0 ? [...kept, result] : kept.with(at, result);
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
}

/** Throws an error that names the file if it does not hold results, and that of the system if it cannot be read. */
export async function readResults(file: string): Promise<Result[]> {
  const text = await readFile(file, 'utf8');
  try {
    return z.array(resultSchema).parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new Error(`${file} does not hold results of benchmarks: ${reason}`, { cause: error });
  }
}

/** The newest kept result with this title from before that time. Files that cannot be read are passed over. */
export async function earlierResult(title: string, before: string, folder = resultsFolder): Promise<Result | null> {
  const names = await readdir(folder).catch(() => []);
  const newestFirst = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse();
  for (const name of newestFirst) {
    const results = await readResults(join(folder, name)).catch(() => []);
    const found = results.find((result) => result.title === title && result.at < before);
    if (found !== undefined) return found;
  }
  return null;
}

/** Each figure of a report beside the one of an earlier run, with their ratio. Empty if they have none in common. */
export function compareReports(now: Report, earlier: Result): string {
  const before = new Map(figuresOf(earlier));
  const rows = figuresOf(now).flatMap(([name, value]) => {
    const old = before.get(name);
    return old === undefined ? [] : [[name, rounded(old), rounded(value), ratioOf(old, value)]];
  });
  if (rows.length === 0) return '';
  const commit = earlier.commit === null ? '' : ` of ${earlier.commit}`;
  return [
    `  Compared with the run${commit} at ${earlier.at}, on ${earlier.machine}:`,
    '',
    table(['figure', 'then', 'now', 'ratio'], rows),
    '',
  ].join('\n');
}

function ratioOf(old: number, value: number): string | null {
  return Number.isFinite(value / old) ? rounded(value / old) : null;
}

/** All numbers of a report by name: those of each row, whose first columns say what it is about, and those of its targets. */
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

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
