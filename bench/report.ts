import { cpus, loadavg, release, totalmem } from 'node:os';
import { table } from '../cli/terminal.ts';

/** A figure that the project promises, and its value in this run. */
export interface Target {
  what: string;
  measured: number;
  unit: '' | ' ms' | ' µs' | ' MB';
  atLeast?: number;
  atMost?: number;
}

/** The results of one measurement: a table, the targets below it, and what a reader must know. */
export interface Report {
  title: string;
  notes: string[];
  headings: string[];
  rows: (string | number | null)[][];
  targets: Target[];
}

export function formatReport({ title, notes, headings, rows, targets }: Report): string {
  const lines = targets.map((target) => `  ${describeTarget(target)}`);
  return ['', title, ...notes.map((note) => `  ${note}`), '', table(headings, rows), '', ...lines, ''].join('\n');
}

/** A promise, what was measured, and whether it was kept. */
export function describeTarget(target: Target): string {
  const wanted = target.atLeast === undefined ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
  const verdict = isReached(target) ? 'reached' : 'NOT REACHED';
  return `${target.what}: ${rounded(target.measured)}${target.unit} (${wanted}${target.unit}): ${verdict}`;
}

/** Other jobs on the machine distort absolute figures, so the load is reported too. */
export function describeMachine(): string {
  const [model = { model: 'unknown' }] = cpus();
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg().map((value) => value.toFixed(1));
  return `${cpus().length} cores (${model.model}), ${memoryGb} GB, Linux ${release()}, Node ${process.version}; load before: ${load.join(' ')}`;
}

/** Three significant digits, or the whole number if it has more. */
export function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function isReached({ measured, atLeast, atMost }: Target): boolean {
  return measured >= (atLeast ?? -Infinity) && measured <= (atMost ?? Infinity);
}
