import { parseArray } from './sql-array.ts';

type Parser = (text: string) => unknown;

const parsers: [oid: number, arrayOid: number, parse: Parser][] = [
  [16, 1000, (text) => text === 't'], // boolean
  [17, 1001, (text) => Buffer.from(text.slice(2), 'hex')], // bytea
  [20, 1016, safeInteger], // bigint
  [21, 1005, Number], // smallint
  [23, 1007, Number], // integer
  [26, 1028, Number], // oid
  [700, 1021, Number], // real
  [701, 1022, Number], // double precision
  [114, 199, (text) => JSON.parse(text) as unknown], // json
  [3802, 3807, (text) => JSON.parse(text) as unknown], // jsonb
  [1184, 1185, instant], // timestamp with time zone
  // As the database writes them: JavaScript has no type for a day, a time of no zone, or a decimal.
  [25, 1009, String], // text
  [1043, 1015, String], // character varying
  [1042, 1014, String], // character
  [1700, 1231, String], // numeric
  [1082, 1182, String], // date
  [1083, 1183, String], // time
  [1114, 1115, String], // timestamp
  [1186, 1187, String], // interval
  [2950, 2951, String], // uuid
];

/**
 * How columns are read, by the id of their type. The same for both drivers, whose own parsers differ: `count(*)` is a text to one and a
 * number to the other. Every other type is a text.
 */
export const columnParsers: ReadonlyMap<number, Parser> = new Map(
  parsers.flatMap(([oid, arrayOid, parse]): [number, Parser][] => [
    [oid, parse],
    [arrayOid, (text) => parseArray(text, parse)],
  ]),
);

/** A number, or the text of one that JavaScript would round. */
function safeInteger(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** `infinity` stays a text. */
function instant(text: string): Date | string {
  const iso = /^(\d{4,}-\d\d-\d\d) ([\d:.]+)([+-]\d\d)(:\d\d)?$/.exec(text);
  if (iso === null) return text;
  const [, day, time, hours, minutes = ':00'] = iso;
  return new Date(`${day}T${time}${hours}${minutes}`);
}
