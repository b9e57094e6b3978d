import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { formatDefinition } from '../../authoring/format-definition.ts';
import { canonicalJson, type Json } from '../../language/json.ts';
const format = (text: string) => {
  const formatted = formatDefinition({ file: 'a.json', text });
  if (formatted.findings !== undefined) throw new Error(JSON.stringify(formatted.findings));
  return formatted.text;
};
const lines = (...all: string[]) => `${all.join('\n')}\n`;

describe('the layout', () => {
  it('puts on one line what fits, and gives each member of the document a line', () => {
    expect(format('{"a":{"b":[1,2,{}],"c":[]},"d":-1.50e3}')).toBe(
      lines('{', '  "a": { "b": [1, 2, {}], "c": [] },', '  "d": -1.50e3', '}'),
    );
  });

  it('fills 120 columns with the comma and not one more', () => {
    const member = (length: number) => `"a": ["${'x'.repeat(length)}"]`;
    expect(format(`{${member(107)},"b":1}`)).toBe(lines('{', `  ${member(107)},`, '  "b": 1', '}'));
    expect(`  ${member(107)},`).toHaveLength(119);
    expect(format(`{${member(108)},"b":1}`).split('\n')[1]).toHaveLength(120);
    expect(format(`{${member(109)},"b":1}`)).toBe(
      lines('{', '  "a": [', `    "${'x'.repeat(109)}"`, '  ],', '  "b": 1', '}'),
    );
  });

  it('gives each of several steps a line, and one step none of its own', () => {
    expect(
      format(
        '{"name":"a","steps":[{"id":"b","do":[{"id":"c","stop":"x"}]},{"id":"d","do":[{"id":"e","stop":"x"},{"id":"f","stop":"y"}]}]}',
      ),
    ).toBe(
      lines(
        '{',
        '  "name": "a",',
        '  "steps": [',
        '    { "id": "b", "do": [{ "id": "c", "stop": "x" }] },',
        '    {',
        '      "id": "d",',
        '      "do": [',
        '        { "id": "e", "stop": "x" },',
        '        { "id": "f", "stop": "y" }',
        '      ]',
        '    }',
        '  ]',
        '}',
      ),
    );
  });

  it('gives a single step its own line if it is the whole list of the definition', () => {
    expect(format('{"steps":[{"id":"a","stop":"x"}]}')).toBe(
      lines('{', '  "steps": [', '    { "id": "a", "stop": "x" }', '  ]', '}'),
    );
  });

  it.each([
    ['an empty object', ' { } ', '{}\n'],
    ['an empty list', '[\n]', '[]\n'],
    ['a bare value', ' 1.0 ', '1.0\n'],
    ['a byte order mark', '\uFEFF{}', '{}\n'],
    ['a list', '[1,[2]]', '[\n  1,\n  [2]\n]\n'],
    ['line ends of Windows', '{\r\n\r\n"a": 1,\r\n\r\n\r\n"b": 2\r\n}\r\n', '{\n  "a": 1,\n\n  "b": 2\n}\n'],
    [
      'escapes, which stay as they are',
      '{"\\u0061\\/":"\\ud83d\\ude00é"}',
      '{\n  "\\u0061\\/": "\\ud83d\\ude00é"\n}\n',
    ],
  ])('takes %s', (_what, text, expected) => {
    expect(format(text)).toBe(expected);
  });

  it('leaves the shipped definitions as they are', () => {
    const text = readFileSync(new URL('../../definitions/workflows/payment-succeeded.json', import.meta.url), 'utf8');
    expect(format(text)).toBe(text);
  });
});

describe('the order of keys', () => {
  it('is that of the language, at every place that the language knows', () => {
    const text = `{
      "output": {"z": 1, "a": 2}, "steps": [
        {"do": [{"stop": "x", "id": "b"}], "forEach": {"onItemError": [{"fail": "x", "type": "T", "id": "c"}], "in": []}, "id": "a"},
        {"undo": {"with": {"z": 1, "id": 2}, "call": "d"}, "retry": {"max": "1m", "attempts": 3}, "timeout": "1s", "with": {"title": 1, "id": 2},
          "call": "c", "if": true, "title": "T", "id": "d"},
        {"finally": [], "catch": [{"do": [], "errors": []}], "try": [], "id": "e"},
        {"else": [], "then": [], "if": {"z": 1, "a": 2}, "id": "f"},
        {"default": [], "switch": [{"do": [], "when": true}], "id": "g"}
      ],
      "vars": {"z": 1, "a": 2}, "defaults": {"retry": {"factor": 1, "first": "1s"}, "deadline": "1s"},
      "on": {"if": true, "source": "s", "event": "e"}, "title": "T", "name": "n", "$schema": "s"
    }`;
    expect(format(text)).toBe(
      lines(
        '{',
        '  "$schema": "s",',
        '  "name": "n",',
        '  "title": "T",',
        '  "on": { "event": "e", "source": "s", "if": true },',
        '  "defaults": { "deadline": "1s", "retry": { "first": "1s", "factor": 1 } },',
        '  "vars": { "z": 1, "a": 2 },',
        '  "steps": [',
        '    {',
        '      "id": "a",',
        '      "forEach": { "in": [], "onItemError": [{ "id": "c", "fail": "x", "type": "T" }] },',
        '      "do": [{ "id": "b", "stop": "x" }]',
        '    },',
        '    {',
        '      "id": "d",',
        '      "title": "T",',
        '      "if": true,',
        '      "call": "c",',
        '      "with": { "title": 1, "id": 2 },',
        '      "timeout": "1s",',
        '      "retry": { "attempts": 3, "max": "1m" },',
        '      "undo": { "call": "d", "with": { "z": 1, "id": 2 } }',
        '    },',
        '    { "id": "e", "try": [], "catch": [{ "errors": [], "do": [] }], "finally": [] },',
        '    { "id": "f", "if": { "z": 1, "a": 2 }, "then": [], "else": [] },',
        '    { "id": "g", "switch": [{ "when": true, "do": [] }], "default": [] }',
        '  ],',
        '  "output": { "z": 1, "a": 2 }',
        '}',
      ),
    );
  });

  it('puts keys that the language does not know last, in the order in which they are written', () => {
    expect(format('{"steps":[{"z":1,"wiht":2,"call":"c","id":"a"}],"zzz":1,"aaa":2,"name":"n"}')).toBe(
      lines(
        '{',
        '  "name": "n",',
        '  "steps": [',
        '    { "id": "a", "call": "c", "z": 1, "wiht": 2 }',
        '  ],',
        '  "zzz": 1,',
        '  "aaa": 2',
        '}',
      ),
    );
  });

  it('stays as it is in what is no definition, such as a file of tests', () => {
    const text = lines(
      '{',
      '  "tests": [{ "name": "n", "event": { "type": "t" }, "mocks": { "id": 1 } }],',
      '  "name": "n"',
      '}',
    );
    expect(format(text)).toBe(text);
  });
});

describe('comments', () => {
  it('stay in their position, with at most one blank line', () => {
    const text = `// head

/* second */
{ // first
  // before a


  "a": 1, // behind a
  /* one */ /* line */ "b": [ 2 /* behind 2 */, 3 // behind 3
  , // behind the comma
    /* before 4 */ 4
    // at the end
  ],

  "c": { /* alone */ } /* behind c */
  // last
}
// foot
`;
    expect(format(text)).toBe(
      lines(
        '// head',
        '',
        '/* second */',
        '{',
        '  // first',
        '  // before a',
        '',
        '  "a": 1, // behind a',
        '  /* one */',
        '  /* line */',
        '  "b": [',
        '    2, /* behind 2 */',
        '    3, // behind 3',
        '    // behind the comma',
        '    /* before 4 */',
        '    4',
        '    // at the end',
        '  ],',
        '',
        '  "c": {',
        '    /* alone */',
        '  } /* behind c */',
        '  // last',
        '}',
        '// foot',
      ),
    );
  });

  it('move with the key before or after them, except at the top of an object', () => {
    const text = lines(
      '{',
      '  // about all',
      '  "steps": [],',
      '',
      '  // about the name',
      '  "name": "n" // behind it',
      '}',
    );
    expect(format(text)).toBe(
      lines('{', '  // about all', '', '  // about the name', '  "name": "n", // behind it', '  "steps": []', '}'),
    );
  });

  it('on a line that continues stay with what follows', () => {
    expect(format('{"a": [1, /* two */ 2 /* end */]}')).toBe(
      lines('{', '  "a": [', '    1,', '    /* two */', '    2 /* end */', '  ]', '}'),
    );
  });

  it('keep one blank line before them, but none at the top', () => {
    expect(format('{\n\n// top\n"a": 1,\n\n\n// b\n"b": 2\n\n// end\n\n}')).toBe(
      lines('{', '  // top', '  "a": 1,', '', '  // b', '  "b": 2', '', '  // end', '}'),
    );
  });

  it('between a key and its value go before the key', () => {
    expect(format('{"a" /* one */ : // two\n 1}')).toBe(lines('{', '  /* one */', '  // two', '  "a": 1', '}'));
  });

  it('of several lines are aligned if each line begins with an asterisk, and otherwise stay as they are', () => {
    expect(format('{"a":[\n1,\n      /*\n       * x\n       */\n2,\n/* y\n      z */\n3]}')).toBe(
      lines(
        '{',
        '  "a": [',
        '    1,',
        '    /*',
        '     * x',
        '     */',
        '    2,',
        '    /* y',
        '      z */',
        '    3',
        '  ]',
        '}',
      ),
    );
  });
});

describe('a text that cannot be read', () => {
  it.each([
    ['a comma too many', '{"a": 1,}', 'KAIT1001', 1, 9],
    ['a key that stands twice', '{"a": 1,\n "a": 2}', 'KAIT1003', 2, 2],
    ['nothing', '', 'KAIT1001', 1, 1],
    ['a comment that is never closed', '{} /* a', 'KAIT1001', 1, 4],
    ['too deep nesting', '['.repeat(65) + ']'.repeat(65), 'KAIT1002', 1, 65],
  ])('is rejected: %s', (_what, text, code, line, column) => {
    const { findings } = formatDefinition({ file: 'a.json', text });
    expect(findings).toMatchObject([{ code, line, column, file: 'a.json' }]);
  });
});

/* Any JSON whose keys are often those of the language, with white space and numbered comments between any two tokens. */

const key = fc.constantFrom(
  'id',
  'title',
  'if',
  'call',
  'with',
  'steps',
  'do',
  'then',
  'undo',
  'on',
  'forEach',
  'a',
  'b"\\',
  '__proto__',
);
const scalar = fc.oneof(fc.string({ maxLength: 30 }), fc.integer(), fc.boolean(), fc.constant(null));
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const document = fc.oneof(
  value,
  fc.tuple(value, value).map(([steps, output]) => ({ output, steps: [steps, steps] })),
);
const trivia = fc.constantFrom(
  '',
  '',
  '',
  ' ',
  '\n',
  '\r\n\t',
  '\n\n\n',
  '//#\n',
  ' // # \n',
  '\n//#\n\n',
  '/*#*/',
  '\n\n// #\n',
  '\n/* #\n   * x\n */',
  '/*#\n\n x*/\n',
);
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^{}[\],:"\s]+/g;

const written = fc.tuple(document, fc.array(trivia, { minLength: 1, maxLength: 60 })).map(([json, between]) => {
  let position = 0;
  const gap = () => (between[position++ % between.length] ?? '').replace('#', `c${position}`);
  return gap() + (JSON.stringify(json).match(token) ?? []).map((each) => each + gap()).join('');
});

const meaning = (text: string) => canonicalJson(parse(text) as Json);
const comments = (text: string) => {
  const withoutTexts = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  return (withoutTexts.match(/\/\*[^]*?\*\/|\/\/[^\n]*/g) ?? []).map((each) => each.replaceAll(/\s+/g, ' ').trim());
};

describe('any document', () => {
  it('keeps its meaning and its comments, and formatting it again changes nothing', () => {
    fc.assert(
      fc.property(written, (text) => {
        const formatted = format(text);
        expect(meaning(formatted)).toBe(meaning(text));
        expect(comments(formatted).sort()).toEqual(comments(text).sort());
        expect(format(formatted)).toBe(formatted);
        expect(formatted).not.toMatch(/[ \t]+\n(?! x)|\n\n\n(?! x)/);
      }),
      { numRuns: 300 },
    );
  });
});
