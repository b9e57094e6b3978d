import { expect, it } from 'vitest';
import { childPointer, preview } from '../../console/parts/json-text.ts';

it('escapes keys in JSON pointers', () => {
  expect(childPointer('/a', 'b/c~d')).toBe('/a/b~1c~0d');
});

it.each([
  [[1, 2, 3], '[3]'],
  [{}, '{  }'],
  [{ id: 1, amount: 2 }, '{ id, amount }'],
  [{ ['k'.repeat(70)]: 1, b: 2 }, '{2}'],
  [{ short: 1, ['k'.repeat(60)]: 2 }, '{ short, … }'],
])('previews %j as %s', (value, text) => {
  expect(preview(value)).toBe(text);
});
