import { currencyExponent } from '../../language/operators/money.ts';

/*
 * How times, durations, amounts and sizes are written in a language. Everything is pure: the present time and the time zone are given.
 */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `3 minutes ago`, or `in 2 hours`. Beyond a week, the date. */
export function relativeTime(atMs: number, nowMs: number, locale: string): string {
  const past = atMs - nowMs;
  const far = Math.abs(past);
  if (far >= 7 * day) return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(atMs);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (far < 10 * second) return format.format(0, 'second');
  if (far < minute) return format.format(Math.round(past / second), 'second');
  if (far < hour) return format.format(Math.round(past / minute), 'minute');
  if (far < day) return format.format(Math.round(past / hour), 'hour');
  return format.format(Math.round(past / day), 'day');
}

/** In the zone of the viewer, or in another one. */
export function fullTime(atMs: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const parts = { dateStyle: 'medium', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat(locale, { ...parts, ...zone }).format(atMs);
}

/** `14:03:59.120`, in the zone of the viewer, or in another one. */
export function clockTime(atMs: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const parts = { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 } as const;
  return new Intl.DateTimeFormat(locale, { ...parts, hourCycle: 'h23', ...zone }).format(atMs);
}

/** The date with the day of the week, in the zone of the viewer, or in another one. */
export function calendarDay(atMs: number, locale: string, timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', ...zone }).format(atMs);
}

/** `830 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number, locale: string): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < minute) return `${number(ms / second, locale, ms < 10 * second ? 2 : 1)} s`;
  if (ms < hour) return pair(ms, [minute, 'min'], [second, locale === 'id' ? 'dtk' : 's']);
  if (ms < day) return pair(ms, [hour, locale === 'id' ? 'jam' : 'h'], [minute, 'min']);
  return pair(ms, [day, locale === 'id' ? 'hr' : 'd'], [hour, locale === 'id' ? 'jam' : 'h']);
}

type Unit = readonly [ms: number, name: string];

function pair(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms - whole * large) / small);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

/** An amount in minor units as its currency is written. Exact, however many digits it has. The digits of an unknown currency are unknown. */
export function money(amountMinor: number | string, currency: string | null, locale: string): string {
  const exponent = currency === null ? undefined : currencyExponent(currency);
  if (currency === null || exponent === undefined)
    return [currency, amountMinor].filter((part) => part !== null).join(' ');
  const [, minus = '', unsigned = ''] = /^(-?)(.*)$/.exec(String(amountMinor)) ?? [];
  const digits = unsigned.padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const decimal = exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  const format = new Intl.NumberFormat(locale, {
    ...{ style: 'currency', currency },
    ...{ minimumFractionDigits: exponent, maximumFractionDigits: exponent },
  });
  // A text of digits is formatted without being rounded to a number.
  return format.format(`${minus}${decimal}` as unknown as number);
}

export function bytes(count: number, locale: string): string {
  if (count < 1_000) return `${count} B`;
  if (count < 1_000_000) return `${number(count / 1_000, locale, 1)} kB`;
  return `${number(count / 1_000_000, locale, 1)} MB`;
}

export function number(value: number, locale: string, digits = 0): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}
