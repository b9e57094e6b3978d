import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { languageReference } from '../../docs/language-reference.ts';
import { operatorNames } from '../../language/operators/operators.ts';
import { scopeRoots } from '../../language/scope.ts';
import { verbs } from '../../language/verbs.ts';

const reference = languageReference();
const headings = [...reference.matchAll(/^#+ `(.+)`$/gm)].map(([, name]) => name);
const firstCells = [...reference.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name.split('.')[0]);

it('has a section of every verb', () => {
  expect(verbs.filter((verb) => !headings.includes(verb))).toEqual([]);
});

it('has a row of every operator and of every root of paths', () => {
  expect([...operatorNames, ...scopeRoots].filter((name) => !firstCells.includes(name))).toEqual([]);
});

it('names every error type that the interpreter gives', () => {
  const folder = new URL('../../workflows/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const sources = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const thrown = [...sources.matchAll(/new RunError\(\s*'(\w+)'/g)].map(([, type]) => type);
  expect(thrown.length).toBeGreaterThan(5);
  expect(thrown.filter((type) => !firstCells.includes(type))).toEqual([]);
});

it('speaks of forms in the words of the language', () => {
  const forms = [...reference.matchAll(/^\| `[^`]+` \| ([^|]+) \| (?:yes)? \| .*\|$/gm)].map(([, form = '']) => form);
  const words =
    /^(?:text|whole number|number|true or false|duration|condition|template|undo|steps|object(?: of templates)?|any JSON|list of (?:text|whole number|object|duration)|`["\w]+`| or | )+$/;
  expect(forms.length).toBeGreaterThan(80);
  expect(forms.filter((form) => !words.test(form))).toEqual([]);
});
