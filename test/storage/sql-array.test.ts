import { expect, it } from 'vitest';
import { arrayText, parseArray } from '../../storage/sql-array.ts';

it.each<[string, unknown[]]>([
  ['{}', []],
  ['{1,2}', ['1', '2']],
  ['{NULL,"NULL",""}', [null, 'NULL', '']],
  ['{"a,b","c\\"d","e\\\\f","{g}"}', ['a,b', 'c"d', 'e\\f', '{g}']],
  [
    '{{1,2},{3,NULL}}',
    [
      ['1', '2'],
      ['3', null],
    ],
  ],
  ['[0:1]={1,2}', ['1', '2']],
])('reads %s', (text, items) => {
  expect(parseArray(text, String)).toEqual(items);
});

it('writes what it reads', () => {
  const items = ['a,b', 'c"d', 'e\\f', '', 'NULL', null, '{', ' '];
  const text = arrayText(items, (item) => item as string | null);
  expect(text).toBe('{"a,b","c\\"d","e\\\\f","","NULL",NULL,"{"," "}');
  expect(parseArray(text, String)).toEqual(items);
});
