import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateLogic } from '../../language/expression.ts';
import { shortened } from '../../language/printable.ts';
import { cutText, cutToJsonBytes, utf8Length, wellFormed } from '../../language/well-formed.ts';

const isWhole = (text: string) => !/\p{Surrogate}/u.test(text);
const scope = (text: string) => ({ event: text });

it.each([
  ['a😀b', 1, 'a'],
  ['a😀b', 2, 'a'],
  ['a😀b', 3, 'a😀'],
  ['a😀b', 9, 'a😀b'],
])('cuts %j to %i code units without half a character', (text, longest, cut) => {
  expect(cutText(text, longest)).toBe(cut);
});

it.each([
  ['aé😀', 2, ''],
  ['aé😀', 4, 'a'],
  ['aé😀', 8, 'aé'],
  ['aé😀', 9, 'aé😀'],
  ['"\x01', 9, '"'],
  ['"\x01', 10, '"\x01'],
])('cuts %j to %i bytes of JSON', (text, most, cut) => {
  expect(cutToJsonBytes(text, most)).toBe(cut);
});

it.each([
  ['', 0],
  ['a\x7f', 2],
  ['é\u07ff', 4],
  ['€\ue000', 6],
  ['😀', 4],
])('counts the bytes of %j', (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes);
});

it('replaces half characters only', () => {
  expect(wellFormed('a\ud83d😀\ude00')).toBe('a\uFFFD😀\uFFFD');
});

it.each([
  [[0, 2], 'a'],
  [[1, 1], ''],
  [[2], 'b'],
  [[-2], 'b'],
  [[-3], '😀b'],
  [[0, -2], 'a'],
  [[0, 3], 'a😀'],
])('substr %j of a text with a pair leaves out its half', (args, expected) => {
  expect(evaluateLogic({ substr: [{ var: 'event' }, ...args] }, scope('a😀b'))).toBe(expected);
});

it('never makes half a character of whole ones', () => {
  const position = fc.integer({ min: -12, max: 12 });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), position, position, (text, start, length) => {
      expect(isWhole(evaluateLogic({ substr: [{ var: 'event' }, start, length] }, scope(text)) as string)).toBe(true);
      expect(isWhole(cutText(text, Math.abs(start)))).toBe(true);
      expect(isWhole(cutToJsonBytes(text, Math.abs(start)))).toBe(true);
      expect(isWhole(shortened(text, Math.abs(start) + 1))).toBe(true);
    }),
  );
});
