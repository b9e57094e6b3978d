import type { Json } from '../../language/json.ts';
import { printable } from '../../language/printable.ts';
import { plain, shortJson, type Paint } from '../format-simulation.ts';
import type { DiffLine } from './compare-lists.ts';
import type { Difference } from './compare-simulation.ts';
import type { Coverage } from './coverage.ts';
import type { TestResult } from './run-tests.ts';

/** The results of one file's tests, a line each. A failed test is followed by the expected and the actual values. */
export function formatResults(
  { file, results, coverage }: { file: string; results: readonly TestResult[]; coverage: Coverage },
  paint: Paint = plain,
): string {
  return [
    paint('strong', file),
    ...results.flatMap((result) => resultLines(result, paint)),
    ...coverageLines(coverage, paint),
  ].join('\n');
}

function resultLines({ test, differences }: TestResult, paint: Paint): string[] {
  const name = printable(test.name);
  if (differences.length === 0) return [`  ${paint('good', '✔')} ${name}`];
  const lines = formatDifferences(differences, paint);
  return [`  ${paint('bad', `✘ ${name}`)}`, ...lines.map((line) => `      ${line}`)];
}

/** What a failed test has expected, and what came instead. */
export function formatDifferences(differences: readonly Difference[], paint: Paint = plain): string[] {
  return differences.flatMap((difference) => differenceLines(difference, paint));
}

function differenceLines(difference: Difference, paint: Paint): string[] {
  switch (difference.kind) {
    case 'trigger': {
      const [expected, got] = difference.triggered ? ['no run', 'a run'] : ['a run', 'no run'];
      return pair('trigger', expected, `${got}: ${printable(difference.because)}`, paint);
    }
    case 'value': {
      const { at, expected, got } = difference;
      return pair(at, valueText(expected), valueText(got), paint);
    }
    case 'list':
      return [difference.at, ...difference.lines.map((line) => `  ${diffLine(line, paint)}`)];
    case 'refused':
      return [`${difference.at} ${printable(difference.what)}: ${paint('bad', printable(difference.reason))}`];
  }
}

function pair(at: string, expected: string, got: string, paint: Paint): string[] {
  return [printable(at), `  expected  ${paint('good', expected)}`, `  got       ${paint('bad', got)}`];
}

/** A text is shown without quotes. */
function valueText(value: Json | undefined): string {
  return typeof value === 'string' && value !== '' ? printable(value) : shortJson(value, 300);
}

function diffLine({ kind, text }: DiffLine, paint: Paint): string {
  if (kind === 'same') return `  ${printable(text)}`;
  return kind === 'missing' ? paint('good', `- ${printable(text)}`) : paint('bad', `+ ${printable(text)}`);
}

function coverageLines({ covered, total, missing }: Coverage, paint: Paint): string[] {
  if (total === 0) return [];
  const summary = `  ${covered} of ${total} branches covered`;
  if (missing.length === 0) return [paint('faint', summary)];
  const width = Math.max(...missing.map(({ step }) => step.length));
  const lines = missing.map(
    ({ step, what, line }) => `      line ${String(line).padEnd(4)} ${step.padEnd(width)}  ${what}`,
  );
  return [paint('caution', `${summary}. Not covered:`), ...lines];
}
