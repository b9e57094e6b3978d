import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { suggest } from '../language/closest.ts';
import { parseDuration } from '../language/time.ts';

/* Parsers for commander's options and arguments. Each throws commander's usage error, which names the option by itself. */

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** A percentage from 0 to 100, decimals allowed. */
export function percentage(text: string): number {
  const number = Number(text);
  if (/^\d{1,3}(\.\d+)?$/.test(text) && number <= 100) return number;
  throw new InvalidArgumentError('Expected a number from 0 to 100.');
}

/** An absolute http or https URL, as it was written. */
export function httpUrl(text: string): string {
  if (URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('Expected an http or https URL, such as https://example.com/webhooks.');
}

/** A time, or how long ago it was. Returns RFC 3339. */
export function pastInstant(nowMs: () => number): (text: string) => string {
  return (text) => {
    if (z.iso.datetime({ offset: true }).safeParse(text).success) return text;
    if (/^\d+(?:ms|s|m|h|d)$/.test(text)) return new Date(nowMs() - parseDuration(text)).toISOString();
    throw new InvalidArgumentError('Expected a time such as 2026-11-25T01:00:00Z, or how long ago: 30m, 12h, 3d.');
  };
}

/** A time, or how long until then. Returns RFC 3339. */
export function futureInstant(nowMs: () => number): (text: string) => string {
  return (text) => {
    if (z.iso.datetime({ offset: true }).safeParse(text).success) return text;
    if (/^\d+[smhd]$/.test(text)) return new Date(nowMs() + parseDuration(text)).toISOString();
    throw new InvalidArgumentError('Expected a time such as 2026-11-25T01:00:00Z, or how long until then: 12h, 90d.');
  };
}

/** One of many names; an unknown one gets the nearest as a suggestion. */
export function oneOf(names: readonly string[]): (text: string) => string {
  return (text) => {
    if (names.includes(text)) return text;
    throw new InvalidArgumentError(suggest(text, names, `Expected one of ${names.join(', ')}.`));
  };
}

/** Collects the `name: value` headers of an option that takes several. Names in lower case. */
export function headerLines(text: string, previous: Pair[] | undefined): Pair[] {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\x20-\x7e\t]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Expected a header such as "x-topic: order.created".');
  return [...(previous ?? []), [name.toLowerCase(), value.trim()]];
}

/** The two sides of `name=value`. */
export type Pair = [name: string, value: string];

/** Collects the `name=value` pairs of an option that takes several. */
export function pairs(text: string, previous: Pair[] | undefined): Pair[] {
  return [...(previous ?? []), splitAt(text, text.indexOf('='), 'name=value')];
}

/** Likewise the pairs of `id=VARIABLE`. An id may hold equals signs, a variable does not. */
export function variablesByIds(text: string, previous: Pair[] | undefined): Pair[] {
  return [...(previous ?? []), splitAt(text, text.lastIndexOf('='), 'id=VARIABLE')];
}

function splitAt(text: string, separator: number, form: string): Pair {
  if (separator <= 0) throw new InvalidArgumentError(`Expected ${form}.`);
  return [text.slice(0, separator), text.slice(separator + 1)];
}
