import { describe, expect, it } from 'vitest';
import { readPeople } from '../../../language/check/people-file.ts';

const read = (value: unknown) => readPeople({ file: 'people.json', text: JSON.stringify(value) });
const messages = (value: unknown) => read(value).findings.map(({ code, message }) => [code, message]);

it('knows people by their ids in one spelling', () => {
  const { people } = read({ $schema: 'x', 'Ana Müller': { mail: 'ana@shop.example', roles: ['finance'] }, budi: {} });
  expect([...(people ?? new Map())]).toEqual([
    ['ana müller', { id: 'Ana Müller', name: null, mail: 'ana@shop.example', roles: ['finance'] }],
    ['budi', { id: 'budi', name: null, mail: null, roles: [] }],
  ]);
});

describe('nobody is known if the file', () => {
  it.each<[string, unknown, [string, string][]]>([
    ['is a list', [], [['KAIT1103', 'people.json must be an object.']]],
    ['has one person twice', { ana: {}, ANA: {} }, [['KAIT1003', '"ANA" and "ana" are the same person.']]],
    [
      'has two people with one address',
      { ana: { mail: 'a@shop.example' }, budi: { mail: 'A@shop.example' } },
      [['KAIT1003', '"budi" and "ana" have the same address, so one could answer for both.']],
    ],
    ['has a misspelt member', { ana: { role: 'finance' } }, [['KAIT1101', expect.stringContaining('"role"')]]],
    ['has one role as a text', { ana: { roles: 'finance' } }, [['KAIT1103', expect.any(String)]]],
    ['has an address that is none', { ana: { mail: 'ana' } }, [[expect.any(String), expect.any(String)]]],
    [
      'has an id that turns text around',
      { 'ana\u202e': {} },
      [['KAIT1109', expect.stringContaining('without control characters')]],
    ],
    ['has an id of blanks', { ' ': {} }, [['KAIT1109', expect.any(String)]]],
  ])('%s', (_what, value, findings) => {
    expect(messages(value)).toEqual(findings);
    expect(read(value).people).toBeNull();
  });
});

it.each(['', 'null', '{', '{"__proto__":{}}', '{"constructor":{"roles":["finance"]}}', '\u0000'])(
  'never throws for the text %j',
  (text) => {
    expect(() => readPeople({ file: 'people.json', text })).not.toThrow();
  },
);
