import { expect, it } from 'vitest';
import { pageLanguage } from '../../../server/approvals/link-words.ts';

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['id', 'id'],
  ['in-ID', 'id'],
  ['id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7', 'id'],
  ['en-GB,en;q=0.9,id;q=0.8', 'en'],
  ['de-DE,de;q=0.9,id;q=0.5,en;q=0.3', 'id'],
  ['en;q=0.2, id;q=0.7', 'id'],
  ['id;q=0', 'en'],
  ['de, fr', 'en'],
  ['*', 'en'],
  [';;;,,q=1,\u0000', 'en'],
  ['id,'.repeat(100_000), 'id'],
])('prefers a language by the header %j', (accepted, expected) => {
  expect(pageLanguage(accepted)).toBe(expected);
});
