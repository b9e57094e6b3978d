import { describe, expect, it } from 'vitest';
import { type Finding, formatFindings } from '../../language/finding.ts';
const finding: Finding = {
  code: 'KAIT1207',
  severity: 'error',
  message: '"event.payment" has no "amout".',
  hint: 'Did you mean "amount"?',
  file: 'paid.json',
  line: 2,
  column: 9,
  length: 5,
  pointer: '/a',
};

describe('findings', () => {
  it('are shown with their line, a caret under the place, the hint, and where the code is explained', () => {
    expect(formatFindings({ file: 'paid.json', text: '{\n  "a": "xxxxx"\n}', findings: [finding] })).toBe(
      [
        'paid.json:2:9 error KAIT1207 "event.payment" has no "amout".',
        '2 |   "a": "xxxxx"',
        '  |         ^^^^^',
        '  = Did you mean "amount"?',
        '  → docs/ERRORS.md#kait1207',
      ].join('\n'),
    );
  });

  it('are separated by an empty line', () => {
    const { hint, ...bare } = { ...finding, length: 1 };
    expect(hint).toBeDefined();
    expect(formatFindings({ file: 'paid.json', text: '\nabcdefghijk', findings: [bare, bare] })).toBe(
      [
        'paid.json:2:9 error KAIT1207 "event.payment" has no "amout".',
        '2 | abcdefghijk',
        '  |         ^',
        '  → docs/ERRORS.md#kait1207',
        '',
        'paid.json:2:9 error KAIT1207 "event.payment" has no "amout".',
        '2 | abcdefghijk',
        '  |         ^',
        '  → docs/ERRORS.md#kait1207',
      ].join('\n'),
    );
  });

  it('show of a very long line the part around the place', () => {
    const text = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const shown = formatFindings({ file: 'f', text, findings: [{ ...finding, line: 1, column: 501, length: 4 }] });
    expect(shown.split('\n').slice(1, 3)).toEqual([
      `1 | ${'a'.repeat(50)}HERE${'b'.repeat(46)}`,
      `  | ${' '.repeat(50)}^^^^`,
    ]);
  });

  it('never send control characters of the file to the terminal', () => {
    const hostile = { ...finding, message: 'a\u001b[2Jb', hint: 'c\u202ed' };
    expect(formatFindings({ file: 'f', text: '\n\u001b[31m "a":\u202e "xx', findings: [hostile] })).toBe(
      [
        'paid.json:2:9 error KAIT1207 a\uFFFD[2Jb',
        '2 | \uFFFD[31m "a":\uFFFD "xx',
        '  |         ^^^^^',
        '  = c\uFFFDd',
        '  → docs/ERRORS.md#kait1207',
      ].join('\n'),
    );
  });

  it('are coloured by whoever shows them', () => {
    const shown = formatFindings({
      file: 'f',
      text: '\nabc',
      findings: [{ ...finding, column: 1, length: 3 }],
      paint: (part, text) => `<${part}>${text}</${part}>`,
    });
    expect(shown).toBe(
      [
        'paid.json:2:1 <error>error KAIT1207</error> "event.payment" has no "amout".',
        '<frame>2 | abc</frame>',
        '<frame>  | ^^^</frame>',
        '  = <hint>Did you mean "amount"?</hint>',
        '  <frame>→ docs/ERRORS.md#kait1207</frame>',
      ].join('\n'),
    );
  });
});
