import { cutText } from './well-formed.ts';
import { ExpressionError } from './expression-error.ts';

/** The length of each unit in ms, the smallest first. */
export const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitsMs;

/** Whole numbers with one unit: `500ms 30s 5m 24h 7d`. */
export const durationPattern = /^(?:0|[1-9][0-9]*)(?:ms|s|m|h|d)$/;

/** A year. Temporal keeps longer timers, but a longer duration is most likely a mistaken unit. */
export const maxDurationMs = 365 * unitsMs.d;

/** Milliseconds of a duration such as `90s`. Throws an {@link ExpressionError} for any other form, and above 365 days. */
export function parseDuration(text: string): number {
  if (!durationPattern.test(text)) {
    throw new ExpressionError(
      'KAIT_DURATION_INVALID',
      `"${cutText(text, 40)}" is not a duration. Write a whole number and a unit: 500ms, 30s, 5m, 24h or 7d.`,
    );
  }
  const unit = /[a-z]+$/.exec(text)?.[0] as Unit; // The pattern allows only the units of the table.
  const durationMs = Number(text.slice(0, -unit.length)) * unitsMs[unit];
  if (durationMs > maxDurationMs) {
    throw new ExpressionError('KAIT_DURATION_INVALID', `"${cutText(text, 40)}" is too long. The longest is 365d.`);
  }
  return durationMs;
}

/** The shortest duration text for a whole number of milliseconds: 90000 is `90s`, 86400000 is `1d`. */
export function formatDuration(durationMs: number): string {
  const largestFirst: Unit[] = ['d', 'h', 'm', 's'];
  const unit = largestFirst.find((candidate) => durationMs !== 0 && durationMs % unitsMs[candidate] === 0) ?? 'ms';
  return durationMs === 0 ? '0s' : `${durationMs / unitsMs[unit]}${unit}`;
}

const instantForm =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Unix milliseconds of an RFC 3339 instant; finer fractions are cut off. Undefined if the text is not one, or names a day that
 * its month does not have, which `Date.parse` reads as a day of the next month. Leap seconds are not supported.
 */
export function parseRfc3339(text: string): number | undefined {
  const [, day] = instantForm.exec(text) ?? [];
  if (day === undefined) return undefined;
  const dayMs = Date.parse(day);
  if (Number.isNaN(dayMs) || new Date(dayMs).toISOString().slice(0, 10) !== day) return undefined;
  return Date.parse(text);
}

const yearZeroMs = -62_167_219_200_000;
const yearTenThousandMs = 253_402_300_800_000;

/** The instant in UTC with milliseconds. Undefined outside the years 0000 to 9999, for which ISO 8601 has another form. */
export function formatRfc3339(unixMs: number): string | undefined {
  return unixMs >= yearZeroMs && unixMs < yearTenThousandMs ? new Date(unixMs).toISOString() : undefined;
}
