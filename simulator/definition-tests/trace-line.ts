import type { StepStatus } from '../../language/definition.ts';
import type { UndoneEntry, TraceEntry } from '../simulation.ts';
import { parseElapsed } from '../virtual-time.ts';

/** One line of an expected trace: `order done`, `refund timedOut +24h`. */
export interface TraceLine {
  path: string;
  status: StepStatus;
  /** When the step ended, in milliseconds since the run began; undefined for any time. */
  endedMs: number | undefined;
}

export const traceLineForm = '"<step> <status>" or "<step> <status> <time>", such as "refund timedOut +24h"';

const form = /^(\S+) (running|parked|done|skipped|failed|timedOut|canceled)(?: (\+.*))?$/;

/** Undefined if the text has another form. */
export function parseTraceLine(text: string): TraceLine | undefined {
  const [, path, status, time] = form.exec(text) ?? [];
  if (path === undefined) return undefined;
  const endedMs = time === undefined ? undefined : parseElapsed(time);
  if (time !== undefined && endedMs === undefined) return undefined;
  return { path, status: status as StepStatus, endedMs }; // The form allows no other.
}

export function matchesLine({ path, status, endedAt }: TraceEntry, line: TraceLine): boolean {
  if (path !== line.path || status !== line.status) return false;
  return line.endedMs === undefined || (endedAt !== null && parseElapsed(endedAt) === line.endedMs);
}

/** Follows the path of a step whose undoing failed. */
const undoFailed = ' failed';

/** Follows the path of a step that was undone although it is not known whether it was done. */
const undoInDoubt = ' in doubt';

/** `order`, or `order in doubt`, either with ` failed` if undoing failed. */
export function undoLine({ path, inDoubt, ok }: UndoneEntry): string {
  return `${path}${inDoubt ? undoInDoubt : ''}${ok ? '' : undoFailed}`;
}

/** The path in a line that {@link undoLine} writes. */
export function undonePath(line: string): string {
  const untilFailed = line.endsWith(undoFailed) ? line.slice(0, -undoFailed.length) : line;
  return untilFailed.endsWith(undoInDoubt) ? untilFailed.slice(0, -undoInDoubt.length) : untilFailed;
}
