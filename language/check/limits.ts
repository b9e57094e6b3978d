import { parseDuration } from '../duration.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject, type CheckContext } from './context.ts';
import type { Path } from './report.ts';

/** Reports limits that contradict each other, of a step with its definition's defaults, or of the defaults themselves. */
export function checkLimits(limits: JsonObject, path: Path, context: Pick<CheckContext, 'report' | 'defaults'>): void {
  checkRetry(limits, path, context);
  const own = ['timeout', 'deadline', 'heartbeat'].filter((key) => limits[key] !== undefined);
  if (own.length === 0 || (limits.call === undefined && limits.http === undefined && limits !== context.defaults))
    return;
  const [timeout, deadline, heartbeat] = ['timeout', 'deadline', 'heartbeat'].map((key) => {
    return durationMs(limits[key] ?? context.defaults[key]);
  });
  if (deadline !== undefined && deadline < (timeout ?? 30_000)) {
    const message = 'The deadline of all attempts is shorter than the timeout of one.';
    context.report.add('KAIT1118', { path: placeOf(limits, path, 'deadline', own) }, message);
  }
  if (heartbeat !== undefined && timeout !== undefined && heartbeat > timeout) {
    const message = 'The heartbeat is longer than the timeout, so it would never be missed.';
    context.report.add('KAIT1118', { path: placeOf(limits, path, 'heartbeat', own) }, message);
  }
}

/** Reports pauses that contradict each other. */
function checkRetry(limits: JsonObject, path: Path, { report }: Pick<CheckContext, 'report'>): void {
  const { retry } = limits;
  if (!isObject(retry)) return;
  const first = durationMs(retry.first);
  const max = durationMs(retry.max);
  if (first !== undefined && max !== undefined && first > max) {
    report.add('KAIT1118', { path: [...path, 'retry', 'first'] }, 'The first pause is longer than the longest.');
  }
}

function placeOf(limits: JsonObject, path: Path, key: string, own: string[]): Path {
  return [...path, limits[key] === undefined ? (own[0] ?? key) : key];
}

function durationMs(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return parseDuration(value);
  } catch {
    return undefined; // The form's check has said so.
  }
}
