import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';
import type { Scope } from '../../../language/scope.ts';

const evaluate = (logic: Json, data: Json = {}) => evaluateLogic(logic, data as unknown as Scope);

describe('formatMoney', () => {
  it.each<[number, string, string]>([
    [0, 'IDR', 'IDR 0.00'],
    [5, 'USD', 'USD 0.05'],
    [-123_456_789, 'EUR', 'EUR -1,234,567.89'],
    [1_000, 'JPY', 'JPY 1,000'],
    [1_234_567, 'KWD', 'KWD 1,234.567'],
    [9_007_199_254_740_991, 'IDR', 'IDR 90,071,992,547,409.91'],
  ])('%d %s is %s', (amount, currency, text) => {
    expect(evaluate({ formatMoney: [amount, currency] })).toBe(text);
  });
  it.each<[Json]>([[[1.5, 'IDR']], [['5', 'IDR']], [[5, 'idr']], [[5, 'XXX']], [[5, null]], [[2 ** 53, 'IDR']]])(
    'refuses %j',
    (args) => {
      expect(() => evaluate({ formatMoney: args })).toThrow('formatMoney');
    },
  );
});

describe('time', () => {
  it('adds and takes away across the ends of months and years', () => {
    expect(evaluate({ addDuration: ['2026-12-31T23:59:30Z', '1m'] })).toBe('2027-01-01T00:00:30.000Z');
    expect(evaluate({ addDuration: ['2028-03-01T00:00:00Z', '-1d'] })).toBe('2028-02-29T00:00:00.000Z');
  });

  it.each<[Json, string]>([
    [{ addDuration: ['2026-02-30', '1d'] }, 'RFC 3339'],
    [{ addDuration: ['2026-01-01T00:00:00Z', '1 day'] }, 'duration'],
    [{ addDuration: ['9999-12-31T00:00:00Z', '365d'] }, 'between the years'],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'YYYY'] }, 'has no "Y"'],
    [{ formatDate: ['2026-01-01T00:00:00Z', 'yyyy', 'Asia/Jakarta'] }, 'named zones change'],
    [{ now: [] }, 'no run is under way'],
    [{ uuid: [] }, 'no run is under way'],
  ])('refuses %j', (logic, message) => {
    expect(() => evaluate(logic)).toThrow(message);
  });

  it('writes every field of a pattern, and words between quotes as they are', () => {
    const pattern = "EEEE EEE d dd M MM MMM MMMM yyyy H HH mm ss SSS 'at' ''";
    expect(evaluate({ formatDate: ['2026-03-05T04:05:06.078Z', pattern, '-00:30'] })).toBe(
      "Thursday Thu 5 05 3 03 Mar March 2026 3 03 35 06 078 at '",
    );
  });
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

  it.each<[Json]>([[[1, 'a']], [[null]], [[{}]], [[true]]])('does not sort %j', (list) => {
    expect(() => evaluate({ sort: [{ var: 'list' }] }, { list })).toThrow('a list of numbers or one of texts');
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
    expect(() => evaluate({ coalesce: [{ '+': ['x'] }, 1] })).toThrow('expects numbers');
  });

  it('sums nothing but numbers', () => {
    expect(evaluate({ sum: [[]] })).toBe(0);
    expect(() => evaluate({ sum: [['1']] })).toThrow('a list of numbers');
    expect(() => evaluate({ sum: [[1e308, 1e308]] })).toThrow('too large');
  });
});

describe('texts', () => {
  it('hashes the text in UTF-8', () => {
    expect(evaluate({ sha256: 'hook 🪝' })).toBe('5eb2eb91364c67554c602dfcd31f68b2fa346c5c9ae6791d781e1ba857819ae6');
  });

  it('charges hashing by the length of the text', () => {
    const text = 'x'.repeat(99_000);
    const logic = { merge: Array.from({ length: 5 }, () => ({ sha256: { var: 'text' } })) };
    expect(() => evaluate(logic, { text })).toThrow('too expensive');
  });
});
