import { overLimit } from '../budget.ts';
import { parseDuration, formatRfc3339, parseRfc3339 } from '../time.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import type { Host } from '../scope.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';
import { costOfHash } from './text.ts';

export const timeOperators = {
  /** The run's clock: the time of the workflow task, which is the same on replay. */
  now: { arity: [0, 0], apply: (call) => instantText(hostOf(call).nowMs(), call) },
  addDuration: { arity: [2, 2], apply: addDuration },
  fromUnix: { arity: [1, 2], apply: fromUnix },
  formatDate: { arity: [2, 3], apply: formatDate },
  uuid: { arity: [0, 0], apply: uuid },
} satisfies OperatorTable;

/** Budget units for parsing or formatting a date. */
const costOfTime = 4;
const longestPattern = 100;
const offsetForm = /^([+-])(\d{2}):(\d{2})$/;

/** A leading minus subtracts the duration. */
function addDuration(call: Application): Json {
  const { name, args } = call;
  const [instant = null, duration = null] = args;
  const ms = instantMs(name, instant);
  if (typeof duration !== 'string') throw wrongType(name, 'a duration such as "24h" second', duration);
  const back = duration.startsWith('-');
  return instantText(ms + (back ? -1 : 1) * durationMs(name, back ? duration.slice(1) : duration), call);
}

/** The first number that counts milliseconds: March 1973. Below it, a number counts seconds, up to the year 5138. */
const firstMs = 100_000_000_000;

/** Takes seconds, or milliseconds with "ms". No number can be both, so that a mistaken unit fails instead of being off by decades. */
function fromUnix(call: Application): Json {
  const { name, args } = call;
  const [time = null, unit] = args;
  if (unit !== undefined && unit !== 'ms') throw wrongType(name, '"ms" or nothing second', unit);
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0) {
    throw wrongType(name, 'a whole number from 0 (for a text use {"number": …})', time);
  }
  if (unit === undefined && time >= firstMs) {
    const message = `"${name}" got a number of seconds beyond the year 5138. For milliseconds add "ms".`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
  if (unit === 'ms' && time < firstMs) {
    const message = `"${name}" got a number of milliseconds before March 1973. For seconds leave out "ms".`;
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
  }
  return instantText(unit === 'ms' ? time : time * 1_000, call);
}

function durationMs(name: string, text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects a duration such as "24h" or "-30m" second.`);
  }
}

/** Takes only a fixed offset: the rules of named zones change with each zone database, and a replay years later must agree. */
function formatDate(call: Application): Json {
  const { name, args, budget } = call;
  const [instant = null, pattern = null, offset = 'Z'] = args;
  if (typeof pattern !== 'string') throw wrongType(name, 'a pattern such as "d MMM yyyy" second', pattern);
  if (pattern.length > longestPattern) throw overLimit(`a date's pattern is longer than ${longestPattern} characters`);
  budget.charge(costOfTime + (pattern.length >> 2));
  const local = instantText(instantMs(name, instant) + offsetMs(name, offset), call);
  const fields = fieldsOf(new Date(local));
  const words = pattern.match(/'[^']*'|([a-zA-Z])\1*|[^a-zA-Z']+|'/g) ?? [];
  return words.map((word) => fieldOrText(name, word, fields)).join('');
}

function fieldOrText(name: string, word: string, fields: Readonly<Record<string, string>>): string {
  const field = Object.hasOwn(fields, word) ? fields[word] : undefined;
  if (field !== undefined) return field;
  if (word.startsWith("'") && word.length > 1) return word === "''" ? "'" : word.slice(1, -1);
  if (!/^[a-zA-Z']/.test(word)) return word;
  const known = Object.keys(fields).join(' ');
  const message = `"${name}" does not know "${word}" in a pattern. It knows: ${known}. Put other words between '.`;
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
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
  const ms = typeof value === 'string' ? parseRfc3339(value) : undefined;
  if (ms !== undefined) return ms;
  throw new ExpressionError(
    'KAIT_EXPRESSION_TYPE',
    `"${name}" expects an RFC 3339 instant such as "2026-01-31T09:00:00Z" first.`,
  );
}

function instantText(ms: number, { name, budget }: Application): string {
  budget.charge(costOfTime);
  const text = formatRfc3339(ms);
  if (text !== undefined) return text;
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" gives an instant outside the years 0000 to 9999.`);
}

/** Costs as much as a hash, since the host derives it by one. */
function uuid(call: Application): Json {
  call.budget.charge(costOfHash);
  return hostOf(call).uuid();
}

function hostOf({ host, name }: Application): Host {
  if (host !== undefined) return host;
  throw new ExpressionError(
    'KAIT_EXPRESSION_INVALID',
    `"${name}" is available only in steps: a trigger is tested before a run exists.`,
  );
}
