import { ExpressionError } from './expression-error.ts';

/** The length of each unit in ms, the smallest first. */
export const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitsMs;

/** Whole numbers with one unit: `500ms 30s 5m 24h 7d`. */
export const durationPattern = /^(?:0|[1-9][0-9]*)(?:ms|s|m|h|d)$/;

/** A year. Temporal keeps longer timers, but whoever writes one has most likely mistaken the unit. */
export const maxDurationMs = 365 * unitsMs.d;

/**
 * Milliseconds of a duration such as `90s`.
 * Throws an {@link ExpressionError} on any other form and above 365 days.
 */
export function parseDuration(text: string): number {
  if (!durationPattern.test(text)) {
    throw new ExpressionError(
      'KAIT_DURATION_INVALID',
      `"${text.slice(0, 40)}" is not a duration. Write a whole number and a unit: 500ms, 30s, 5m, 24h or 7d.`,
    );
  }
  const unit = /[a-z]+$/.exec(text)?.[0] as Unit; // The pattern lets only the units of the table through.
  const durationMs = Number(text.slice(0, -unit.length)) * unitsMs[unit];
  if (durationMs > maxDurationMs) {
    throw new ExpressionError('KAIT_DURATION_INVALID', `"${text.slice(0, 40)}" is too long. The longest is 365d.`);
  }
  return durationMs;
}

/** The shortest duration text that means exactly `durationMs`, a whole number: 90000 is `90s`, 86400000 is `1d`. */
export function formatDuration(durationMs: number): string {
  const largestFirst: Unit[] = ['d', 'h', 'm', 's'];
  const unit = largestFirst.find((candidate) => durationMs !== 0 && durationMs % unitsMs[candidate] === 0) ?? 'ms';
  return durationMs === 0 ? '0s' : `${durationMs / unitsMs[unit]}${unit}`;
}
