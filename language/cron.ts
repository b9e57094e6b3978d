/*
 * The times of a schedule, as Temporal computes them: `test/server/schedules/cron.integration.test.ts` compares the two. Only what both sides
 * mean the same is allowed.
 */

/** One expression. Each list holds the values that are allowed, in order. */
interface Cron {
  minutes: number[];
  hours: number[];
  days: number[];
  months: number[];
  /** 0 is Sunday. */
  weekdays: number[];
}

interface Field {
  name: string;
  least: number;
  most: number;
  /** Names of the values from `least` on. */
  words?: readonly string[];
}

const fields = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  // Sunday is 0 and 7.
  { name: 'day of the week', least: 0, most: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const satisfies Field[];

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
};

/** The five fields of an expression. Temporal has other names for the same times, or takes them for something else. */
export function cronFields(text: string): string {
  return Object.hasOwn(nicknames, text) ? (nicknames[text] ?? text) : text;
}

/** Why a text is no expression; undefined if it is one. */
export function cronProblem(text: string): string | undefined {
  const parsed = parseCron(text);
  return 'problem' in parsed ? parsed.problem : undefined;
}

/** Characters of an expression. */
const longest = 200;

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function parseCron(text: string): Cron | { problem: string } {
  if (text.length > longest) return { problem: `has more than ${longest} characters` };
  if (text.startsWith('@') && !Object.hasOwn(nicknames, text)) {
    return { problem: `is not one of ${Object.keys(nicknames).join(', ')}` };
  }
  const parts = cronFields(text).split(' ');
  if (parts.length !== fields.length || parts.includes('')) {
    return {
      problem:
        'does not have five fields with one blank between them: minute, hour, day of the month, month, day of the week',
    };
  }
  const sets: number[][] = [];
  for (const [position, field] of fields.entries()) {
    const values = valuesOf(parts[position] ?? '', field);
    if ('problem' in values) return values;
    sets.push(values.values);
  }
  const [minutes = [], hours = [], days = [], months = [], withSeven = []] = sets;
  const weekdays = [...new Set(withSeven.map((day) => day % 7))].sort((one, other) => one - other);
  if (days.length < 31 && weekdays.length < 7) {
    // crontab means either day, Temporal means both.
    return { problem: 'limits both the day of the month and the day of the week. Leave one of them *' };
  }
  const leastDay = days[0] ?? 1;
  if (!months.some((month) => (longestMonths[month - 1] ?? 0) >= leastDay)) {
    return { problem: 'never happens: none of its months has such a day' };
  }
  return { minutes, hours, days, months, weekdays };
}

function valuesOf(text: string, field: Field): { values: number[] } | { problem: string } {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [, range = '', step] = /^([^/]*)(?:\/(\d{1,4}))?$/.exec(item) ?? [];
    const [first = '', last, ...rest] = range.split('-');
    const from = range === '*' ? field.least : numberOf(first, field);
    const open = step === undefined ? from : field.most;
    const to = range === '*' ? lastOfAll(field) : last === undefined ? open : numberOf(last, field);
    const by = Number(step ?? 1);
    if (from === undefined || to === undefined || rest.length > 0 || by < 1 || from > to) {
      return { problem: `has "${item}" as the ${field.name}. Expected ${formOf(field)}` };
    }
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return { values: [...values].sort((one, other) => one - other) };
}

/** `*` does not count Sunday twice. */
function lastOfAll({ most, words }: Field): number {
  return words?.length === 7 ? 6 : most;
}

function numberOf(text: string, { least, most, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word !== -1) return least + word;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return number >= least && number <= most ? number : undefined;
}

function formOf({ least, most, words }: Field): string {
  const named = words === undefined ? '' : ` or ${words[0]} to ${words.at(-1)}`;
  return `*, ${least} to ${most}${named}, a range such as ${least}-${most}, a step such as */2, or a list of them with commas`;
}

/** Days that are looked at for a time. Between two 29ths of February there may be eight years. */
const mostDays = 8 * 366;
const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * The next times of sound expressions after an instant, the first first, as milliseconds since 1970. A time that a change of the clock skips
 * does not happen on that day; one that it repeats happens twice. (On Lord Howe Island, whose clocks change by half an hour, Temporal does
 * otherwise.)
 */
export function nextTimes(
  expressions: readonly string[],
  timezone: string,
  { afterMs, count }: { afterMs: number; count: number },
): number[] {
  const crons = expressions.map(parseCron).flatMap((cron) => ('problem' in cron ? [] : [cron]));
  const localOf = localClock(timezone);
  const times: number[] = [];
  const today = Math.floor(localOf(afterMs) / dayMs);
  let until = today + mostDays;
  for (let day = today; day < until && times.length < count; day++) {
    const date = new Date(day * dayMs);
    const dayTimes = new Set<number>();
    for (const cron of crons) {
      if (!isOn(cron, date)) continue;
      const offsets = offsetsOn(day * dayMs, localOf);
      for (const hour of cron.hours) {
        for (const minute of cron.minutes) {
          const local = day * dayMs + (hour * 60 + minute) * minuteMs;
          for (const offset of offsets) {
            const instant = local - offset;
            if (instant > afterMs && (offsets.length === 1 || localOf(instant) === local)) dayTimes.add(instant);
          }
        }
      }
    }
    if (dayTimes.size > 0) until = day + mostDays;
    times.push(...[...dayTimes].sort((one, other) => one - other));
  }
  return times.slice(0, count);
}

function isOn({ days, months, weekdays }: Cron, date: Date): boolean {
  return (
    months.includes(date.getUTCMonth() + 1) && days.includes(date.getUTCDate()) && weekdays.includes(date.getUTCDay())
  );
}

/** How far the clocks are from UTC at some time around a day. Several on a day on which they change. */
function offsetsOn(dayStart: number, localOf: (ms: number) => number): number[] {
  const around = [-dayMs, 0, dayMs, 2 * dayMs].map((shift) => localOf(dayStart + shift) - (dayStart + shift));
  return [...new Set(around)];
}

/** Gives what the clocks of a time zone show, as if that were UTC. */
function localClock(timezone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
}

/** The date and the time of day in a time zone: `2026-11-28` and `08:00`. */
export function localDateAndTime(timezone: string, ms: number): { date: string; time: string } {
  const local = new Date(localClock(timezone)(ms)).toISOString();
  return { date: local.slice(0, 10), time: local.slice(11, 16) };
}

const zoneName = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;

/**
 * Whether this is a name of a time zone, spelt as the database of time zones has it: servers that look it up as a file tell upper and lower
 * case apart.
 */
export function isTimezone(name: string): boolean {
  if (!zoneName.test(name) || name.length > 64) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
