import type { StepStatus } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import { printable, shortened } from '../language/printable.ts';
import type { Simulation, TraceEntry, UndoneEntry } from './simulation.ts';

/** Wraps text for a terminal. The caller decides how each style looks. */
export type Paint = (style: 'good' | 'bad' | 'caution' | 'faint' | 'strong', text: string) => string;

/** Without colours. */
export const plain: Paint = (_style, text) => text;

type Style = Parameters<Paint>[0];

const marks: Record<StepStatus, [mark: string, style: Style]> = {
  pending: ['·', 'faint'],
  running: ['…', 'caution'],
  parked: ['‖', 'caution'],
  done: ['✔', 'good'],
  skipped: ['–', 'faint'],
  failed: ['✘', 'bad'],
  timedOut: ['◷', 'caution'],
  canceled: ['■', 'caution'],
};

/** A simulated run for readers: a line for each step, with inner steps indented, then how the run ended. */
export function formatSimulation(simulation: Simulation, paint: Paint = plain): string {
  const { trace, undone, refused } = simulation;
  const timeWidth = Math.max(0, ...[...trace, ...undone].map((each) => timesOf(each).length));
  const nameWidth = Math.max(0, ...trace.map((entry) => nameOf(entry).length));
  return [
    ...trace.flatMap((entry) => entryLines(entry, { timeWidth, nameWidth, paint })),
    ...undone.map((entry) => undoneLine(entry, { timeWidth, paint })),
    ...refused.map(({ at, what, reason }) => paint('bad', `${at} ${printable(what)}: ${printable(reason)}`)),
    ...outcomeLines(simulation, paint),
  ].join('\n');
}

function timesOf(entry: { at: string; endedAt?: string | null }): string {
  const { at, endedAt = at } = entry;
  return endedAt === at ? at : `${at} → ${endedAt ?? '…'}`;
}

function nameOf({ depth, path }: TraceEntry): string {
  return `${'  '.repeat(depth)}${path}`;
}

function entryLines(
  entry: TraceEntry,
  { timeWidth, nameWidth, paint }: { timeWidth: number; nameWidth: number; paint: Paint },
): string[] {
  const [mark, style] = marks[entry.status];
  const time = paint('faint', timesOf(entry).padEnd(timeWidth));
  const name = nameOf(entry).padEnd(nameWidth);
  const what = entry.verb === 'call' ? (entry.what ?? '') : `${entry.verb} ${entry.what ?? ''}`.trimEnd();
  const left = entry.left === undefined ? '' : paint('caution', `  ⚠ ${entry.left.inDoubt ? 'left in doubt' : 'left'}`);
  const line = `${time}  ${paint(style, mark)} ${name}  ${printable(what)}${resultOf(entry, paint)}${left}`.trimEnd();
  const margin = ' '.repeat(timeWidth + 4 + 2 * entry.depth);
  return [line, ...details(entry).map((detail) => paint('faint', `${margin}  ${printable(detail)}`))];
}

function resultOf({ output, madeUp, error }: TraceEntry, paint: Paint): string {
  if (error !== undefined) return paint('bad', `  ${printable(`${error.type}: ${error.message}`)}`);
  if (output === undefined || output === null) return '';
  return paint('faint', `  → ${shortJson(output, 80)}${madeUp === true ? ' (made up)' : ''}`);
}

const mostDetails = 6;

/** The reasons of decisions, the input, and the attempts if there were several. */
function details({ decisions, input, attempts }: TraceEntry): string[] {
  const lines = [
    ...decisions.map(({ position, value, because }) => `${position} is ${value}: ${because}`),
    ...(isEmpty(input) ? [] : [`input ${shortJson(input ?? null, 200)}`]),
    ...(attempts.length < 2 ? [] : attempts.map(({ at, outcome }, index) => `attempt ${index + 1} ${at} ${outcome}`)),
  ];
  const left = lines.length - mostDetails;
  return left <= 0 ? lines : [...lines.slice(0, mostDetails), `… ${left} more`];
}

function isEmpty(input: Json | undefined): boolean {
  return input === undefined || JSON.stringify(input) === '{}';
}

function undoneLine(entry: UndoneEntry, { timeWidth, paint }: { timeWidth: number; paint: Paint }): string {
  const { path, what, inDoubt, ok, error } = entry;
  const mark = ok ? paint('good', '↩') : paint('bad', '✘');
  const why = error === undefined ? '' : paint('bad', `  ${printable(`${error.type}: ${error.message}`)}`);
  return `${paint('faint', timesOf(entry).padEnd(timeWidth))}  ${mark} undo ${path}${inDoubt ? ' (in doubt)' : ''}  ${what}${why}`;
}

function outcomeLines({ status, endedAt, error, stuckAt, isCutOff, output }: Simulation, paint: Paint): string[] {
  const style = status === 'completed' ? 'good' : status === 'failed' ? 'bad' : 'caution';
  const why = error === null ? stuckAt.join('; ') : `${error.type}: ${error.message}`;
  const first = `${paint(style, isCutOff ? 'cut off' : status)} after ${endedAt.slice(1)}${why === '' ? '' : `  ${printable(why)}`}`;
  return ['', first, ...(output === null ? [] : [`output ${shortJson(output, 2_000)}`])];
}

/** JSON on one line of at most `most` characters. */
export function shortJson(value: Json | undefined, most: number): string {
  return printable(shortened(value === undefined ? 'nothing' : JSON.stringify(value), most));
}
