import { parseDuration } from '../duration.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { boundedText } from './text.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const timeOperators: OperatorTable = {
  /** The run's clock: the time of the workflow task, the same again on replay. */
  now: { arity: [0, 0], apply: ({ host, name }) => instantText(fromHost(host, name).nowMs()) },
  addDuration: { arity: [2, 2], apply: addDuration },
  formatDate: { arity: [2, 3], apply: formatDate },
  uuid: { arity: [0, 0], apply: ({ host, name }) => fromHost(host, name).uuid() },
};

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const offsetForm = /^([+-])(\d{2}):(\d{2})$/;

/** A leading minus takes the duration away. */
function addDuration({ name, args: [instant = null, duration = null] }: Application): Json {
  const ms = instantMs(name, instant);
  if (typeof duration !== 'string') throw wrongType(name, 'a duration such as "24h" second', duration);
  const back = duration.startsWith('-');
  return instantText(ms + (back ? -1 : 1) * durationMs(name, back ? duration.slice(1) : duration));
}

function durationMs(name: string, text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects a duration such as "24h" or "-30m".`);
  }
}

/**
 * A fixed offset only: the rules of named zones change with each release of the zone database, and a run has to come out the
 * same years later.
 */
function formatDate({ name, args: [instant = null, pattern = null, offset = 'Z'] }: Application): Json {
  if (typeof pattern !== 'string') throw wrongType(name, 'a pattern such as "d MMM yyyy" second', pattern);
  const local = new Date(instantMs(name, instant) + offsetMs(name, offset));
  const fields = fieldsOf(local);
  const words = pattern.match(/'[^']*'|yyyy|MMMM|MMM|MM|M|dd|d|HH|H|mm|ss|SSS|EEEE|EEE|[^a-zA-Z']+|./g) ?? [];
  return boundedText(words.map((word) => fieldOrText(name, word, fields)));
}

function fieldOrText(name: string, word: string, fields: Readonly<Record<string, string>>): string {
  const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
  if (field !== undefined) return field;
  if (word.startsWith("'") && word.length > 1) return word === "''" ? "'" : word.slice(1, -1);
  if (!/^[a-zA-Z']/.test(word)) return word;
  const message = `"${name}" has no "${word}" in patterns. There are: ${Object.keys(fields).join(' ')}; other words go between '.`;
  throw new ExpressionError('KAIT_EXPRESSION_INVALID', message);
}

const months = 'January February March April May June July August September October November December'.split(' ');
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

function fieldsOf(date: Date): Record<string, string> {
  const two = (number: number) => String(number).padStart(2, '0');
  const month = months[date.getUTCMonth()] ?? '';
  const weekday = weekdays[date.getUTCDay()] ?? '';
  return {
    yyyy: String(date.getUTCFullYear()).padStart(4, '0'),
    MMMM: month,
    MMM: month.slice(0, 3),
    MM: two(date.getUTCMonth() + 1),
    M: String(date.getUTCMonth() + 1),
    dd: two(date.getUTCDate()),
    d: String(date.getUTCDate()),
    EEEE: weekday,
    EEE: weekday.slice(0, 3),
    HH: two(date.getUTCHours()),
    H: String(date.getUTCHours()),
    mm: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
    SSS: String(date.getUTCMilliseconds()).padStart(3, '0'),
  };
}

function offsetMs(name: string, offset: Json): number {
  if (offset === 'Z') return 0;
  const [, sign, hours, minutes] = (typeof offset === 'string' ? offsetForm.exec(offset) : null) ?? [];
  if (hours === undefined || Number(hours) > 14 || Number(minutes) > 59) {
    const why = 'the rules of named zones change, and a run must come out the same again';
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects an offset such as "+07:00" third: ${why}.`);
  }
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function instantMs(name: string, value: Json): number {
  const ms = typeof value === 'string' && rfc3339.test(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(ms)) {
    throw new ExpressionError(
      'KAIT_EXPRESSION_TYPE',
      `"${name}" expects an RFC 3339 instant such as "2026-01-31T09:00:00Z" first.`,
    );
  }
  return ms;
}

/** Years of four digits only: all others have a form of their own in ISO 8601, which few read. */
function instantText(ms: number): string {
  const text = Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : '';
  if (/^\d{4}-/.test(text)) return text;
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', 'The result is not between the years 0000 and 9999.');
}

function fromHost(host: Application['host'], name: string): NonNullable<Application['host']> {
  if (host !== undefined) return host;
  throw new ExpressionError('KAIT_EXPRESSION_INVALID', `"${name}" is for steps: no run is under way here.`);
}
