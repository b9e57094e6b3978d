import { expect, it } from 'vitest';
import { splitStatements } from '../../../storage/project/split-statements.ts';

const textsOf = (sql: string) => splitStatements(sql).map(({ text }) => text);

it.each([
  ['a semicolon behind each', 'select 1; select 2;', ['select 1', 'select 2']],
  ['no semicolon behind the last', 'select 1;\nselect 2\n', ['select 1', 'select 2']],
  ['nothing', ' ;; -- nothing;\n /* ; */ ', []],
  [
    'semicolons in strings',
    `select ';''; ';select E'\\';';select U&';'`,
    [`select ';''; '`, `select E'\\';'`, `select U&';'`],
  ],
  ['a backslash at the end of an ordinary string', `select '\\'; select 2`, [`select '\\'`, 'select 2']],
  ['semicolons in names', 'select ";"" ;"; select 2', ['select ";"" ;"', 'select 2']],
  ['semicolons in comments', 'select 1 -- ; \n; /* ; /* ; */ ; */ select 2', ['select 1 -- ;', 'select 2']],
  [
    'dollar quotes',
    'do $$ begin; end $$; do $a$ $$; $b$; $a$; select $1',
    ['do $$ begin; end $$', 'do $a$ $$; $b$; $a$', 'select $1'],
  ],
  ['a dollar in a name', 'select a$b$ ; select c$b$', ['select a$b$', 'select c$b$']],
  [
    'parentheses',
    'create rule r as on insert to t do (select 1; select 2); select 3',
    ['create rule r as on insert to t do (select 1; select 2)', 'select 3'],
  ],
  [
    'the body of a function',
    'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3',
    [
      'create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end',
      'select 3',
    ],
  ],
  ['what begins a transaction', 'begin; select 1; end', ['begin', 'select 1', 'end']],
  ['a string without end', `select 1; select ';`, ['select 1', `select ';`]],
  ['a comment without end', 'select 1; /* ;', ['select 1']],
])('splits %s', (_what, sql, texts) => {
  expect(textsOf(sql)).toEqual(texts);
});

it('says where each statement begins, and with which words', () => {
  expect(splitStatements('-- first\nSelect 1;\n/* a */ SET /* b */ Constraints all immediate now')).toEqual([
    { text: 'Select 1', offset: 9, words: ['select'] },
    {
      text: 'SET /* b */ Constraints all immediate now',
      offset: 27,
      words: ['set', 'constraints', 'all', 'immediate'],
    },
  ]);
});

it('splits a megabyte of strings and comments in time', () => {
  const sql = `insert into t values ('${"''".repeat(250_000)}'); ${'/*'.repeat(100_000)}${'*/'.repeat(100_000)} select 2`;
  expect(splitStatements(sql).map(({ words }) => words)).toEqual([['insert', 'into', 't', 'values'], ['select']]);
});
