import { describe, expect, it } from 'vitest';
import { dataReferencesOf, pathsOf } from '../../../language/data-references.ts';
import { evaluateLogic } from '../../../language/expression.ts';
import type { Json } from '../../../language/json.ts';
import { checkSteps, codesOf } from '../check-steps.ts';

const event: Json = {
  payment: { currency: 'IDR', amount: 900 },
  data: {
    lines: [
      { sku: 'tea', currency: 'IDR', price: 300, tags: ['hot'] },
      { sku: 'cup', currency: 'USD', price: 1200, tags: [] },
    ],
    wanted: ['cup', 'jar'],
  },
};
const evaluate = (logic: Json) => evaluateLogic(logic, { event });
const lines = { var: 'event.data.lines' };
const inCurrency = { '===': [{ var: 'line.currency' }, { var: 'event.payment.currency' }] };

describe('with a name for the item, an operator sees the item and the roots:', () => {
  it.each<[Json, Json]>([
    [{ map: [{ filter: [lines, inCurrency, 'line'] }, { var: 'sku' }] }, ['tea']],
    [{ map: [lines, { '-': [{ var: 'event.payment.amount' }, { var: 'line.price' }] }, 'line'] }, [600, -300]],
    [{ all: [lines, inCurrency, 'line'] }, false],
    [{ some: [lines, inCurrency, 'line'] }, true],
    [{ none: [lines, inCurrency, 'line'] }, false],
    [
      {
        reduce: [
          lines,
          { '+': [{ var: 'accumulator' }, { if: [inCurrency, { var: 'line.price' }, 0] }] },
          { var: 'event.payment.amount' },
          'line',
        ],
      },
      1200,
    ],
    [
      {
        map: [
          {
            filter: [
              lines,
              { some: [{ var: 'event.data.wanted' }, { '===': [{ var: 'sku' }, { var: 'line.sku' }] }, 'sku'] },
              'line',
            ],
          },
          { var: 'price' },
        ],
      },
      [1200],
    ],
    [
      { map: [lines, { map: [{ var: 'tags' }, { cat: [{ var: 'tag' }, { var: 'event.payment.currency' }] }, 'tag'] }] },
      [['hotIDR'], []],
    ],
  ])('%j', (logic, value) => {
    expect(evaluate(logic)).toEqual(value);
  });

  it('and after it the name is gone', () => {
    expect(() => evaluate([{ map: [lines, { var: 'line.sku' }, 'line'] }, { var: 'line' }])).toThrow('line is missing');
  });

  it.each<[Json]>([
    ['event'],
    ['accumulator'],
    ['two words'],
    [''],
    ['a.b'],
    ['__proto__'],
    [7],
    [{ var: 'event.id' }],
  ])('which cannot be %j', (name) => {
    expect(() => evaluate({ map: [lines, 1, name] })).toThrow('"map" expects a name for the item last');
  });
});

it('a run keeps what such an expression reads of a large event, and nothing for paths that start at an item', () => {
  const inner = { some: [{ var: 'tags' }, { '===': [{ var: 'tag' }, { var: 'event.data.tag' }] }, 'tag'] };
  const output = { filter: [lines, { and: [inner, { var: 'event.data.ofItem' }] }] };
  const references = dataReferencesOf({ definition: { name: 'a', on: 'run', steps: [], output } });
  expect(pathsOf(references)).toEqual(['event.data.lines', 'event.data.tag']);
});

describe('the checker', () => {
  const setting = (logic: Json) => codesOf(checkSteps({ id: 'a', set: { value: logic } }));
  const at = '/steps/0/set/value';

  it.each<[string, Json, string[]]>([
    ['takes paths to the item and to the roots', { filter: [lines, inCurrency, 'line'] }, []],
    [
      'reports a path that the event does not have',
      { filter: [lines, { '===': [{ var: 'line.a' }, { var: 'event.payment.currenzy' }] }, 'line'] },
      [`KAIT1207 ${at}/filter/1/===/1/var`],
    ],
    ['reports an unknown root', { map: [lines, { var: 'lien.sku' }, 'line'] }, [`KAIT1206 ${at}/map/1/var`]],
    [
      'reports a root as a name',
      { map: [lines, { var: '' }, 'event'] },
      [`KAIT1206 ${at}/map/1/var`, `KAIT1109 ${at}/map/2`],
    ],
    ['reports a computed name', { map: [lines, 1, { cat: ['a'] }] }, [`KAIT1109 ${at}/map/2`]],
    ['reports a reserved name', { map: [lines, 1, 'constructor'] }, [`KAIT1110 ${at}/map/2`]],
    [
      'reports a name that an enclosing operator has given',
      { map: [lines, { map: [{ var: 'line.tags' }, { var: 'line' }, 'line'] }, 'line'] },
      [`KAIT1121 ${at}/map/1/map/2`],
    ],
  ])('%s', (_name, logic, codes) => {
    expect(setting(logic)).toEqual(codes);
  });
});
