import { expect, it } from 'vitest';
import { en } from '../../console/words/en.ts';
import { id } from '../../console/words/id.ts';
import { preferred } from '../../console/words/words.ts';

it('has the same texts in both languages', () => {
  expect(Object.keys(textsOf(id))).toEqual(Object.keys(textsOf(en)));
});

it('has no empty text', () => {
  expect(Object.entries({ ...textsOf(en), ...textsOf(id) }).filter(([, text]) => text.trim() === '')).toEqual([]);
});

it('uses every value in both languages', () => {
  const [english, indonesian] = [textsOf(en), textsOf(id)].map(valuesIn);
  expect(indonesian).toEqual(english);
});

/** Names, and words that Indonesian developers say in English. */
const sameInBoth = new Set(
  'API Kait Filter Audit Endpoint Event Id IDR Menu Order Run SHA-256 Server Temporal Tenant Token UTC Webhook Worker admin operator at'.split(
    ' ',
  ),
);

it('is translated throughout', () => {
  const english = textsOf(en);
  const untranslated = Object.entries(textsOf(id)).filter(([key, text]) => english[key] === text);
  expect(untranslated.filter(([, text]) => wordsIn(text).some((word) => !sameInBoth.has(word)))).toEqual([]);
});

it.each([
  [null, ['id-ID', 'en'], 'id'],
  [null, ['in'], 'id'],
  [null, ['de-DE', 'en-GB', 'id'], 'en'],
  [null, ['de'], 'en'],
  ['id', ['en'], 'id'],
  ['xx', ['id'], 'id'],
])('with %s chosen, and a browser that prefers %j, it speaks %s', (chosen, offered, expected) => {
  expect(preferred(chosen, offered)).toBe(expected);
});

/** Those with letters, without the marks for values. */
function wordsIn(text: string): string[] {
  return text.match(/[^\s⟨⟩]*\p{L}[^\s⟨⟩]*/gu) ?? [];
}

/** Each text by where it is. A function is called with marks for its values. */
function textsOf(words: object, path = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([key, value]: [string, unknown]): [string, string][] => {
      const at = `${path}/${key}`;
      if (typeof value === 'string') return [[at, value]];
      if (typeof value === 'function') return [[at, called(value as (...values: string[]) => string)]];
      return Object.entries(textsOf(value as object, at));
    }),
  );
}

function called(text: (...values: string[]) => string): string {
  return text(...Array.from({ length: text.length }, (_, index) => `⟨${index}⟩`));
}

function valuesIn(texts: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, [...new Set(text.match(/⟨\d⟩/g))].sort()]),
  );
}
