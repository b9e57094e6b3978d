import { expect, it } from 'vitest';
import { printable } from '../../language/printable.ts';

it.each([
  ['an escape sequence', 'a\u001b[2Jb', 'a\uFFFD[2Jb'],
  ['C1 controls and DEL', '\u009b31m\u007f', '\uFFFD31m\uFFFD'],
  ['bidirectional controls', 'a\u202eb\u2066c', 'a\uFFFDb\uFFFDc'],
  ['characters without a width', 'pay\u200bpal\ufeff', 'pay\uFFFDpal\uFFFD'],
])('makes %s visible', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

it('prints tabs and line breaks as blanks', () => {
  expect(printable('a\tb\nc\r\nd\u2028e')).toBe('a b c  d e');
});

it('keeps the length, also of characters outside the basic plane', () => {
  expect(printable('a\u{e0041}b')).toBe('a\uFFFD\uFFFDb');
});

it('leaves everything else as it is', () => {
  expect(printable('Sari → Rp 2.500.000 ✔ 支払い 🎉')).toBe('Sari → Rp 2.500.000 ✔ 支払い 🎉');
});
