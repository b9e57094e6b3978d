import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';
import type { Scope } from '../../../language/scope.ts';

const evaluate = (logic: Json, data: Json = {}) => evaluateLogic(logic, data as unknown as Scope); // Any data has paths.

describe('formatMoney', () => {
  it.each<[number | string, string, string]>([
    [0, 'IDR', 'IDR 0.00'],
    [5, 'USD', 'USD 0.05'],
    [-123_456_789, 'EUR', 'EUR -1,234,567.89'],
    [1_000, 'JPY', 'JPY 1,000'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [9_007_199_254_740_991, 'IDR', 'IDR 90,071,992,547,409.91'],
    ['9007199254740993', 'IDR', 'IDR 90,071,992,547,409.93'],
    ['-9007199254740993', 'JPY', 'JPY -9,007,199,254,740,993'],
  ])('%s %s is %s', (amount, currency, text) => {
    expect(evaluate({ formatMoney: [amount, currency] })).toBe(text);
  });
  it.each<[Json]>([
    [[1.5, 'IDR']],
    [['5', 'IDR']],
    [['9007199254740991', 'IDR']],
    [['9007199254740993.00', 'IDR']],
    [[5, 'idr']],
    [[5, 'XXX']],
    [[5, null]],
    [[2 ** 53, 'IDR']],
  ])('rejects %j', (args) => {
    expect(() => evaluate({ formatMoney: args })).toThrow('formatMoney');
  });
});

it('formatMoney writes the digits that Intl does', () => {
  const digits: Record<string, number> = { IDR: 2, JPY: 0, KWD: 3 };
  const byIntl = (amount: number, currency: string) => {
    const fraction = digits[currency] ?? 0;
    const format = new Intl.NumberFormat('en', { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
    return `${currency} ${format.format(`${amount}e-${fraction}` as `${number}`)}`;
  };
  const amounts = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(amounts, fc.constantFrom('IDR', 'JPY', 'KWD'), (amount, currency) => {
      expect(evaluate({ formatMoney: [amount, currency] })).toBe(byIntl(amount, currency));
    }),
    { numRuns: 200, seed: 5 },
  );
});

describe('time', () => {
  it.each<[Json, string]>([
    [0, '1970-01-01T00:00:00.000Z'],
    [1_769_824_800, '2026-01-31T02:00:00.000Z'],
    [99_999_999_999, '5138-11-16T09:46:39.000Z'],
    [[100_000_000_000, 'ms'], '1973-03-03T09:46:40.000Z'],
    [[1_769_824_800_123, 'ms'], '2026-01-31T02:00:00.123Z'],
    [[253_402_300_799_999, 'ms'], '9999-12-31T23:59:59.999Z'],
  ])('reads the Unix time %j as %s', (args, instant) => {
    expect(evaluate({ fromUnix: args })).toBe(instant);
  });

  it.each<[Json, string]>([
    [1_769_824_800_123, 'got a number of seconds beyond the year 5138. For milliseconds add "ms".'],
    [[1_769_824_800, 'ms'], 'got a number of milliseconds before March 1973. For seconds leave out "ms".'],
    [[253_402_300_800_000, 'ms'], 'gives an instant outside the years 0000 to 9999'],
    [-1, 'expects a whole number from 0 (for a text use {"number": …}), got a number'],
    [1.5, 'expects a whole number from 0 (for a text use {"number": …}), got a number'],
    ['1769824800', 'expects a whole number from 0 (for a text use {"number": …}), got a string'],
    [null, 'expects a whole number from 0 (for a text use {"number": …}), got null'],
    [[1_769_824_800, 's'], 'expects "ms" or nothing second, got a string'],
  ])('refuses the Unix time %j', (args, message) => {
    expect(() => evaluate({ fromUnix: args })).toThrow(`"fromUnix" ${message}`);
  });

  it('adds and takes away across the ends of months and years', () => {
    expect(evaluate({ addDuration: ['2026-12-31T23:59:30Z', '1m'] })).toBe('2027-01-01T00:00:30.000Z');
    expect(evaluate({ addDuration: ['2028-03-01T00:00:00Z', '-1d'] })).toBe('2028-02-29T00:00:00.000Z');
  });

  it.each<[Json, string]>([
    [{ addDuration: ['2026-02-30T00:00:00Z', '1d'] }, 'RFC 3339'],
    [{ addDuration: [1_767_225_600_000, '1d'] }, 'RFC 3339'],
    [{ addDuration: ['2026-01-01T00:00:00Z', '1 day'] }, 'a duration such as "24h" or "-30m" second'],
    [{ addDuration: ['2026-01-01T00:00:00Z', '--1d'] }, 'a duration such as "24h" or "-30m" second'],
    [{ addDuration: ['2026-01-01T00:00:00Z', 60] }, 'a duration such as "24h" second, got a number'],
    [
      { addDuration: ['9999-12-31T00:00:00Z', '365d'] },
      '"addDuration" gives an instant outside the years 0000 to 9999',
    ],
    [
      { formatDate: ['9999-12-31T23:59:59Z', 'yyyy', '+00:01'] },
      '"formatDate" gives an instant outside the years 0000 to 9999',
    ],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'YYYY'] }, 'does not know "YYYY" in a pattern'],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'MMMMM'] }, 'does not know "MMMMM" in a pattern'],
    [{ formatDate: ['2026-01-01T00:00:00Z', "d 'of"] }, 'does not know "\'" in a pattern'],
    [{ formatDate: ['2026-01-01T00:00:00Z', ' '.repeat(101)] }, 'pattern is longer than 100 characters'],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'yyyy', 'Asia/Jakarta'] }, 'named zones change'],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'yyyy', '+14:60'] }, 'an offset such as "+07:00" third'],
    [{ now: [] }, '"now" is available only in steps'],
    [{ uuid: [] }, '"uuid" is available only in steps'],
  ])('rejects %j', (logic, message) => {
    expect(() => evaluate(logic)).toThrow(message);
  });

  it('writes every field of a pattern, and words between quotes as they are', () => {
    const pattern = "EEEE EEE d dd M MM MMM MMMM yyyy H HH mm ss SSS 'at' ''";
    expect(evaluate({ formatDate: ['2026-03-05T04:05:06.078Z', pattern, '-00:30'] })).toBe(
      "Thursday Thu 5 05 3 03 Mar March 2026 3 03 35 06 078 at '",
    );
  });
});

it('tells fields of a pattern apart by their letters, without anything between them', () => {
  expect(evaluate({ formatDate: ['2026-03-05T04:05:06Z', "yyyyMMdd'T'HHmmss"] })).toBe('20260305T040506');
});

describe('lists and objects', () => {
  it('sorts numbers by size, texts by code units, and keeps the order of equals', () => {
    expect(evaluate({ sort: [[10, 9, 1]] })).toEqual([1, 9, 10]);
    expect(evaluate({ sort: [['b', 'B', 'a', 'ä']] })).toEqual(['B', 'a', 'b', 'ä']);
    const rows = [
      { k: 1, n: 'x' },
      { k: 0, n: 'y' },
      { k: 1, n: 'z' },
    ];
    expect(evaluate({ map: [{ sort: [{ var: 'rows' }, 'k'] }, { var: 'n' }] }, { rows })).toEqual(['y', 'x', 'z']);
    expect(evaluate({ sort: [[]] })).toEqual([]);
  });

  it.each<[Json, string]>([
    [[1, 'a', 2], 'a list with a number and a string'],
    [[1, null], 'a list with a number and null'],
    [[{}], 'a list with an object'],
    [[true], 'a list with a boolean'],
  ])('does not sort %j', (list, got) => {
    const message = `"sort" expects a list of numbers or one of texts, got ${got}.`;
    expect(() => evaluate({ sort: [{ var: 'list' }] }, { list })).toThrow(message);
  });

  it('sorts by a path that each item has', () => {
    expect(() => evaluate({ sort: [{ var: 'l' }, 'a.b'] }, { l: [{ a: { b: 1 } }, { a: {} }] })).toThrow(
      'a.b is missing',
    );
    expect(() => evaluate({ sort: [[1], 0] })).toThrow('a path within the items second');
  });

  it('tells items apart by type and content, whatever the order of their keys', () => {
    expect(evaluate({ unique: { var: 'l' } }, { l: [1, '1', { a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1]] })).toEqual([
      1,
      '1',
      { a: 1, b: 2 },
      [1],
    ]);
  });

  it('reaches own members only', () => {
    expect(() => evaluate({ get: [{ var: '' }, 'constructor'] }, { a: 1 })).toThrow('has no "constructor"');
    expect(evaluate({ get: [{ var: '' }, '__proto__', 'none'] }, { a: 1 })).toBe('none');
    expect(evaluate({ keys: { var: '' } }, JSON.parse('{"__proto__":1}') as Json)).toEqual(['__proto__']);
  });

  it('takes what is missing or null for nothing in coalesce, but no other mistake', () => {
    expect(evaluate({ coalesce: [{ var: 'a.b.c' }, { var: 'n' }, 0] }, { n: null })).toBe(0);
    expect(evaluate({ coalesce: [{ var: 'a' }] })).toBe(null);
    expect(evaluate({ coalesce: [{ '+': [1, { get: [{ var: '' }, 'a'] }] }, 2] })).toBe(2);
    expect(evaluate({ coalesce: [{ '+': [{ coalesce: [{ var: 'a' }, 1] }, { var: 'b' }] }, 4] })).toBe(4);
    expect(evaluate({ coalesce: [{ sort: [{ literal: [{}] }, 'a'] }, 3] })).toBe(3);
    expect(() => evaluate({ coalesce: [{ '+': ['x'] }, 1] })).toThrow('expects numbers');
    expect(() => evaluate({ cat: [{ coalesce: [{ var: 'a' }, 'x'] }, { var: 'b' }] })).toThrow('b is missing');
  });

  it('takes what is missing for nothing however often, and from however deep within', () => {
    const nth = { coalesce: [{ '+': [1, { '+': [1, { var: 'qty' }] }] }, { coalesce: [{ var: 'none' }] }, 0] };
    expect(evaluate({ sum: { map: [{ var: 'rows' }, nth] } }, { rows: Array<Json>(500).fill({ q: 1 }) })).toBe(0);
  });

  it('rejects numbers that JSON cannot hold, in unique as well', () => {
    const data = JSON.parse('{ "l": [1e999] }') as Json;
    expect(() => evaluate({ length: { unique: { var: 'l' } } }, data)).toThrow('"unique" gives Infinity');
  });

  it('makes no list of more than ten thousand keys', () => {
    const object = (size: number) =>
      Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, index]));
    expect(evaluate({ keys: { var: '' } }, object(10_000))).toHaveLength(10_000);
    expect(() => evaluate({ values: { var: '' } }, object(10_001))).toThrow('longer than 10000 items');
  });

  it('sums nothing but numbers', () => {
    expect(evaluate({ sum: [[]] })).toBe(0);
    expect(() => evaluate({ sum: [['1']] })).toThrow('a list of numbers');
    expect(() => evaluate({ sum: [[1e308, 1e308]] })).toThrow('beyond 9007199254740991');
  });
});

describe('texts', () => {
  it('hashes the text in UTF-8', () => {
    expect(evaluate({ sha256: 'hook 🪝' })).toBe('5eb2eb91364c67554c602dfcd31f68b2fa346c5c9ae6791d781e1ba857819ae6');
  });

  it('hashes half a surrogate pair as U+FFFD', () => {
    expect(evaluate({ '===': [{ sha256: '\ud83e' }, { sha256: '\ufffd' }] })).toBe(true);
  });

  it('changes the case of all letters, by no language in particular', () => {
    expect(evaluate({ upper: 'straße, i' })).toBe('STRASSE, I');
    expect(evaluate({ lower: 'ÅNGSTRÖM, I' })).toBe('ångström, i');
  });

  it('makes no text longer than a hundred thousand characters of a shorter one', () => {
    expect(() => evaluate({ length: { upper: 'ß'.repeat(60_000) } })).toThrow('a text gets longer than 100000');
  });
});
