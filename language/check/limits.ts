import { parseDuration } from '../time.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { CheckContext } from './context.ts';
import type { Path } from './report.ts';

/** The default in `workflows/actions.ts`. */
const defaultTimeoutMs = 30_000;

/** Reports limits that contradict each other: of a step together with the defaults, or of the defaults themselves. */
export function checkLimits(limits: JsonObject, path: Path, context: Pick<CheckContext, 'report' | 'defaults'>): void {
  checkRetry(limits, path, context);
  checkPositive(limits, ['timeout', 'deadline', 'heartbeat'], path, context);
  if (limits.call === undefined && limits.http === undefined && limits !== context.defaults) return;
  const limitMs = (key: string) => durationMs(limits[key] ?? context.defaults[key]);
  const timeoutMs = limitMs('timeout') ?? defaultTimeoutMs;
  const deadlineKey = ['deadline', 'timeout'].find((key) => limits[key] !== undefined);
  if (deadlineKey !== undefined && (limitMs('deadline') ?? Infinity) < timeoutMs) {
    const message = '"deadline", the limit of all attempts, is shorter than "timeout", the limit of one.';
    context.report.add('KAIT1118', { path: [...path, deadlineKey] }, message);
  }
  if (limits.heartbeat !== undefined && (limitMs('heartbeat') ?? 0) > timeoutMs) {
    const message = '"heartbeat" is longer than "timeout", so a missed heartbeat would never be noticed.';
    context.report.add('KAIT1118', { path: [...path, 'heartbeat'] }, message);
  }
}

/** Reports pauses that contradict each other. */
function checkRetry(limits: JsonObject, path: Path, { report }: Pick<CheckContext, 'report'>): void {
  const { retry } = limits;
  if (!isObject(retry)) return;
  checkPositive(retry, ['first', 'max'], [...path, 'retry'], { report });
  const first = durationMs(retry.first);
  const max = durationMs(retry.max);
  if (first !== undefined && max !== undefined && first > max) {
    report.add(
      'KAIT1118',
      { path: [...path, 'retry', 'first'] },
      '"first", the first pause, is longer than "max", the longest pause.',
    );
  }
}

/** Temporal takes a limit of 0 for none, or for its own. */
function checkPositive(limits: JsonObject, keys: string[], path: Path, { report }: Pick<CheckContext, 'report'>): void {
  for (const key of keys.filter((each) => durationMs(limits[each]) === 0)) {
    report.add('KAIT1118', { path: [...path, key] }, `"${key}" is 0, which leaves no time.`, 'Use 1ms or more.');
  }
}

/** Undefined for what is no duration, which is reported elsewhere. */
export function durationMs(value: Json | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return parseDuration(value);
  } catch {
    return undefined; // Reported by the check of the form.
  }
}
