import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePattern, patternProblem } from '../../../language/values/pattern.ts';

const free = () => undefined;

it.each([
  ['^[A-Z]{3}$', 'IDR', true],
  ['^[A-Z]{3}$', 'IDRX', false],
  ['^[A-Z]{3}$', 'IDR\n', false],
  ['^(a|b)*c?$', 'abba', true],
  ['^(?:\\d{2,3}-)+\\d$', '12-345-6', true],
  ['^(?:\\d{2,3}-)+\\d$', '1-345-6', false],
  ['\\bpaid\\b', 'is paid now', true],
  ['\\bpaid\\b', 'unpaid', false],
  ['^[^\\s@]+@[^\\s@]+$', 'ana@shop.example', true],
  ['^[\\w.-]+$', 'a.b-c_d', true],
  ['^\\u{1F600}.$', '😀x', true],
  ['^.{2}$', '😀x', true],
  ['', 'anything', true],
  ['^(|a){3}$', 'aa', true],
  ['[^]', '\n', true],
  ['[]', 'a', false],
])('%s on %j gives %j', (source, text, matches) => {
  expect(compilePattern(source).matches(text, free)).toBe(matches);
});

const character = fc.constantFrom('a', 'b', '1', '-', ' ', '_', '.', 'é', '😀', '\n');
const atom = fc.constantFrom(
  'a',
  'b',
  '.',
  '[ab1]',
  '[^a]',
  '[a-b-]',
  '\\d',
  '\\W',
  '\\s',
  '^',
  '$',
  '\\b',
  '\\.',
  '😀',
);
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', ''))
      .map(([inner, many]) => `(${inner})${many}`),
  ),
  pattern: fc
    .tuple(fc.array(tie('part'), { maxLength: 3 }), fc.array(tie('part'), { maxLength: 2 }))
    .map(([first, second]) => (second.length === 0 ? first.join('') : `${first.join('')}|${second.join('')}`)),
}));

it('matches what a regular expression of JavaScript matches', () => {
  fc.assert(
    fc.property(pattern, fc.array(character, { maxLength: 6 }), (source, characters) => {
      const text = characters.join('');
      expect(compilePattern(source).matches(text, free)).toBe(new RegExp(source, 'u').test(text));
    }),
    { numRuns: 1_000 },
  );
});

it.each(['^(a+)+$', '^(a|a)*$', '^(a*)*b$', '^(.*)*(.*)*(.*)*$', '(x+x+)+y'])(
  'takes no more than the length of the text times that of the pattern for %s',
  (source) => {
    let steps = 0;
    const text = `${'a'.repeat(5_000)}!`;
    compilePattern(source).matches(text, (count) => (steps += count));
    expect(steps).toBeLessThan(text.length * source.length * 4);
  },
);

it('compiles nothing repeated a thousand times a thousand times at once', () => {
  expect(compilePattern('^((((){1000}){1000}){1000}){1000}a$').matches('a', free)).toBe(true);
});

it.each([
  ['(a', 'has a "(" too many'],
  ['a)', 'has a ")" too many'],
  ['[a', 'ends too early'],
  ['a\\', 'ends too early'],
  ['*a', 'has a "*" that needs a backslash'],
  ['a**', 'has two quantifiers in a row'],
  ['^*', 'has "*" after something that cannot be repeated'],
  ['(?=a)', 'looks around or names a group, which is not supported; use (…) or (?:…)'],
  ['(?<name>a)', 'looks around or names a group, which is not supported; use (…) or (?:…)'],
  ['(a)\\1', 'has "\\1", which is not supported'],
  ['\\p{L}', 'has "\\p", which is not supported'],
  ['a{3,2}', 'has "{3,2}", whose numbers are in the wrong order'],
  ['a{1001}', 'repeats something more than 1000 times'],
  ['((a{50}){50}){50}', 'repeats too much'],
  ['[z-a]', 'has a range whose ends are in the wrong order'],
  ['[\\d-z]', 'has a class such as \\d in a range'],
  ['\\u{110000}', 'has "\\u{110000}", which is no character'],
  [`${'('.repeat(40)}a${')'.repeat(40)}`, 'has groups more than 32 deep'],
])('refuses %s: the pattern %s', (source, problem) => {
  expect(patternProblem(source)).toBe(problem);
});
