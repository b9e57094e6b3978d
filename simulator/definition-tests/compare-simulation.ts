import type { Json, JsonObject } from '../../language/json.ts';
import type { RefusedEntry } from '../script.ts';
import type { Simulation, TraceEntry } from '../simulation.ts';
import { formatElapsed, parseElapsed } from '../virtual-time.ts';
import { compareLists, type DiffLine } from './compare-lists.ts';
import type { Expectation, StepExpectation } from './definition-test.ts';
import { matchesLine, parseTraceLine, undoLine } from './trace-line.ts';

/** A value that is not as expected. */
interface ValueDifference {
  /** `output.orderId`, `steps.order.attempts`. */
  at: string;
  expected: Json;
  /** Undefined if there is no value. */
  got: Json | undefined;
}

/** One way in which a run differs from what a test expects. */
export type Difference =
  /** Whether the event starts a run. */
  | { kind: 'trigger'; triggered: boolean; because: string }
  | ({ kind: 'value' } & ValueDifference)
  | { kind: 'list'; at: 'trace' | 'undo'; lines: DiffLine[] }
  /** An entry of the test's `events` could not be carried out. */
  | ({ kind: 'refused' } & RefusedEntry);

export function compareSimulation(expected: Expectation, simulation: Simulation): Difference[] {
  const { trace, steps = {}, undo } = expected;
  return [
    ...simulation.refused.map((entry): Difference => ({ kind: 'refused', ...entry })),
    ...outcomeDifferences(expected, simulation).map((each): Difference => ({ kind: 'value', ...each })),
    ...(trace === undefined ? [] : listDifference('trace', compareTrace(trace, simulation))),
    ...Object.entries(steps)
      .flatMap(([path, step]) => compareStep(path, step, simulation))
      .map((each): Difference => ({ kind: 'value', ...each })),
    ...(undo === undefined ? [] : listDifference('undo', compareUndo(undo, simulation))),
  ];
}

/** If the status differs, the run's error or what it is stuck at tells why. */
function outcomeDifferences(expected: Expectation, simulation: Simulation): ValueDifference[] {
  const { status, error, stuckAt } = simulation;
  const wanted = expected.status ?? (expected.error === undefined ? 'completed' : 'failed');
  if (status !== wanted) {
    const why = error === null ? stuckAt.join('; ') : `${error.type}: ${error.message}`;
    return [{ at: 'status', expected: wanted, got: why === '' ? status : `${status} (${why})` }];
  }
  return [
    ...(expected.output === undefined ? [] : compareValues(expected.output, simulation.output, 'output')),
    ...(expected.error === undefined
      ? []
      : compareValues({ ...expected.error }, error && { ...plainError(error), step: error.step }, 'error')),
  ];
}

function plainError({ type, message }: { type: string; message: string }): JsonObject {
  return { type, message };
}

/** Adds the reasons of its decisions to each unexpected step. */
function compareTrace(expected: string[], { trace }: Simulation): DiffLine[] | undefined {
  const lines = expected.map(parseTraceLine);
  const got = trace.map((entry) => `${entry.path} ${entry.status} ${entry.endedAt ?? ''}`.trimEnd());
  const diff = compareLists(expected, got, (expectedAt, gotAt) => {
    const line = lines[expectedAt];
    const entry = trace[gotAt];
    return line !== undefined && entry !== undefined && matchesLine(entry, line);
  });
  return diff?.map((line) =>
    line.kind === 'unexpected' ? { ...line, text: line.text + reasons(line.text, trace) } : line,
  );
}

function reasons(line: string, trace: TraceEntry[]): string {
  const entry = trace.find(({ path }) => path === line.slice(0, line.indexOf(' ')));
  if (entry?.error !== undefined) return `  ${entry.error.type}: ${entry.error.message}`;
  const decisions = entry?.decisions.map(({ position, value, because }) => `${position} is ${value}: ${because}`) ?? [];
  return decisions.length === 0 ? '' : `  ${decisions.join('; ')}`;
}

function compareStep(path: string, expected: StepExpectation, { trace }: Simulation): ValueDifference[] {
  const entry = trace.find((each) => each.path === path);
  const at = `steps.${path}`;
  if (entry === undefined) return [{ at, expected: { ...expected }, got: undefined }];
  const { attempts, endedAt, error, ...plain } = expected;
  const got = { status: entry.status, input: entry.input ?? null, output: entry.output ?? null };
  return [
    ...compareValues(plain, got, at),
    ...(attempts === undefined ? [] : compareValues(attempts, entry.attempts.length, `${at}.attempts`)),
    ...(error === undefined ? [] : compareValues({ ...error }, entry.error && plainError(entry.error), `${at}.error`)),
    ...(endedAt === undefined ? [] : compareValues(canonicalTime(endedAt), entry.endedAt, `${at}.endedAt`)),
  ];
}

/** `+1d` for `+24h`, as the trace writes it. */
function canonicalTime(time: string): string {
  return formatElapsed(parseElapsed(time) ?? 0);
}

function compareUndo(expected: string[], { undone }: Simulation): DiffLine[] | undefined {
  const got = undone.map(undoLine);
  return compareLists(expected, got, (expectedAt, gotAt) => expected[expectedAt] === got[gotAt]);
}

function listDifference(at: 'trace' | 'undo', lines: DiffLine[] | undefined): Difference[] {
  return lines === undefined ? [] : [{ kind: 'list', at, lines }];
}

/**
 * The differences of a value from the expected one. Only the expected members of an object are compared, but every member of a
 * list; lists of different length are one difference.
 */
function compareValues(expected: Json, got: Json | undefined, at: string): ValueDifference[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length) return [{ at, expected, got }];
    return expected.flatMap((item, position) => compareValues(item, got[position], `${at}.${position}`));
  }
  if (expected !== null && typeof expected === 'object') {
    if (got === null || typeof got !== 'object' || Array.isArray(got)) return [{ at, expected, got }];
    return Object.entries(expected).flatMap(([name, member]) => {
      return compareValues(member, Object.hasOwn(got, name) ? got[name] : undefined, `${at}.${name}`);
    });
  }
  return expected === got ? [] : [{ at, expected, got }];
}
