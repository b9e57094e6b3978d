import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';
import type { Scope } from '../../../language/scope.ts';

const evaluate = (logic: Json) => evaluateLogic(logic, {} as unknown as Scope); // Nothing is read.

describe('join', () => {
  it.each<[Json, string]>([
    [[['a', 7, true], ', '], 'a, 7, true'],
    [[['a'], ', '], 'a'],
    [[[], ', '], ''],
    [[['a', 'b'], ''], 'ab'],
  ])('of %j is %j', (args, text) => {
    expect(evaluate({ join: args })).toBe(text);
  });

  it.each<[Json, string]>([
    [['a', ','], '"join" expects a list first, got a string'],
    [[['a'], 0], '"join" expects a text second, got a number'],
    [[['a', null], ','], '"join" expects texts, numbers and booleans, got null'],
    [[['a', ['b']], ','], '"join" expects texts, numbers and booleans, got a list'],
    [[Array<Json>(100).fill('a'), 'b'.repeat(1_100)], 'a text gets longer than 100000 characters'],
  ])('fails for parts that are no texts, and for long results', (args, message) => {
    expect(() => evaluate({ join: args })).toThrow(message);
  });
});

describe('split', () => {
  it.each<[Json, Json]>([
    [
      ['a,b,,c', ','],
      ['a', 'b', '', 'c'],
    ],
    [
      ['a, b', ', '],
      ['a', 'b'],
    ],
    [['', ','], ['']],
    [
      ['😀-😀', '-'],
      ['😀', '😀'],
    ],
  ])('of %j is %j', (args, list) => {
    expect(evaluate({ split: args })).toEqual(list);
  });

  it.each<[Json, string]>([
    [[5, ','], '"split" expects a text first, got a number'],
    [['a', ''], '"split" expects a separator of at least one character second'],
    [['😀', '\ud83d'], '"split" expects a separator of at least one character second'],
    [[','.repeat(10_000), ','], 'a list gets longer than 10000 items'],
  ])('fails for other values, separators that cut characters, and long lists', (args, message) => {
    expect(() => evaluate({ split: args })).toThrow(message);
  });

  it('is undone by join', () => {
    const separators = fc.constantFrom(',', '; ', '\n', '€');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ',', '; ', '\n', '€') }), separators, (text, separator) => {
        expect(evaluate({ join: [{ split: [text, separator] }, separator] })).toBe(text);
      }),
    );
  });
});

describe('padStart', () => {
  it.each<[Json, string]>([
    [[42, 6, '0'], '000042'],
    [['AB', 4, ' '], '  AB'],
    [['INV-2026', 3, '0'], 'INV-2026'],
    [[0, 0, '0'], '0'],
  ])('of %j is %j', (args, text) => {
    expect(evaluate({ padStart: args })).toBe(text);
  });

  it.each<[Json, string]>([
    [[-5, 4, '0'], '"padStart" expects a text, or a whole number from 0, first, got a number'],
    [[1.5, 4, '0'], '"padStart" expects a text, or a whole number from 0, first, got a number'],
    [[null, 4, '0'], '"padStart" expects a text, or a whole number from 0, first, got null'],
    [['a', '4', '0'], '"padStart" expects a whole number from 0 as the length second, got a string'],
    [['a', -1, '0'], '"padStart" expects a whole number from 0 as the length second, got a number'],
    [['a', 4, ''], '"padStart" expects one character, such as "0", third, got a string'],
    [['a', 4, '\ud83d'], '"padStart" expects one character, such as "0", third, got a string'],
    [['a', 100_001, '0'], 'a text gets longer than 100000 characters'],
  ])('fails for negative numbers, other fillings and long results', (args, message) => {
    expect(() => evaluate({ padStart: args })).toThrow(message);
  });
});
