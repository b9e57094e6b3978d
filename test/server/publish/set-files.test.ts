import { expect, it } from 'vitest';
import { isPartOfSet, setProblems } from '../../../server/publish/set-files.ts';

it.each([
  'sources.json',
  'secrets.json',
  'settings.json',
  'people.json',
  'workflows/paid.json',
  'workflows/paid.test.json',
  'workflows/Bezahlt – neu.json',
  'gateways/shop.json',
  'mails/thanks.json',
  'event-types/order.created.json',
])('takes %s for a part of a set', (path) => {
  expect(isPartOfSet(path)).toBe(true);
});

it.each([
  '../sources.json',
  'workflows/../../x.json',
  'workflows/..json',
  'workflows/.hidden.json',
  'workflows/a/b.json',
  'workflows/a\\b.json',
  'workflows/.test.json',
  'gateways/shop.test.json',
  'mails/thanks.test.json',
  'workflows/paid.js',
  'workflows/a\nb.json',
  `workflows/${'a'.repeat(201)}.json`,
  '/etc/passwd',
  '/workflows/paid.json',
  'workflows',
  'workflows/',
  'samples/stripe/paid.json',
  'sources.json/x.json',
  '__proto__',
  '',
])('takes %j for no part of a set', (path) => {
  expect(isPartOfSet(path)).toBe(false);
  expect(setProblems(Object.fromEntries([[path, '{}']]))).toEqual([
    expect.stringContaining(`No part of it: ${JSON.stringify(path.slice(0, 200))}.`),
  ]);
});

it('says how many paths are wrong, and shows five of them', () => {
  const files = Object.fromEntries(Array.from({ length: 8 }, (_each, index) => [`x${index}`, '']));
  expect(setProblems(files)).toEqual([expect.stringMatching(/"x0", "x1", "x2", "x3", "x4" and 3 more\.$/)]);
});

it('refuses files that some file systems take for the same', () => {
  expect(setProblems({ 'mails/Ändern.json': '', 'mails/a\u0308ndern.json': '' })).toEqual([
    'mails/Ändern.json and mails/a\u0308ndern.json differ in case only, so not every computer can hold both.',
  ]);
});

it.each(['a\0b', 'a\ud800b'])('refuses the text %j', (text) => {
  expect(setProblems({ 'sources.json': text })).toEqual(['sources.json is no text: it has a NUL or half a character.']);
});

it('refuses more than 2,000 files', () => {
  const files = Object.fromEntries(Array.from({ length: 2_001 }, (_each, index) => [`mails/m${index}.json`, '']));
  expect(setProblems(files)).toEqual(['It has 2001 files. At most 2000 are allowed.']);
});

it('refuses more than 4 MiB, whatever file has them', () => {
  expect(setProblems({ 'sources.json': 'ä'.repeat(2 * 2 ** 20) })).toEqual([
    'It has 4194316 bytes. At most 4194304 are allowed.',
  ]);
});
