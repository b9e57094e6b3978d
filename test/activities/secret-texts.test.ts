import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { engineActivities } from '../../activities/engine-activities.ts';
import { createSecretTexts } from '../../activities/secret-texts.ts';
import type { SecretText } from '../../language/secret-text.ts';

const values = new Map([
  ['KAIT_SECRET_USER', 'shop-4711'],
  ['KAIT_SECRET_KEY', 'k3y-0815-é'],
]);
const texts = () => createSecretTexts((name) => values.get(name) ?? 'none');
const key = { secret: 'KAIT_SECRET_KEY' };
const digest = (hash: string, encoding: 'hex' | 'base64' | 'base64url', text: string) =>
  createHmac(hash, 'k3y-0815-é').update(text).digest(encoding);

describe('a text with secrets', () => {
  it.each<[SecretText, string]>([
    ['plain', 'plain'],
    [key, 'k3y-0815-é'],
    [{ concat: ['Bearer ', key] }, 'Bearer k3y-0815-é'],
    [
      { concat: ['Basic ', { base64: { concat: [{ secret: 'KAIT_SECRET_USER' }, ':', key] } }] },
      'Basic c2hvcC00NzExOmszeS0wODE1LcOp',
    ],
    [{ hmac: { key } }, digest('sha256', 'hex', 'the body')],
    [{ hmac: { key, of: '' } }, digest('sha256', 'hex', '')],
    [{ hmac: { key, of: 'a€', hash: 'sha512', encoding: 'base64' } }, digest('sha512', 'base64', 'a€')],
    [{ hmac: { key, of: 'a', hash: 'sha1', encoding: 'base64url' } }, digest('sha1', 'base64url', 'a')],
  ])('%j is %s', (text, made) => {
    expect(texts().make(text, 'the body')).toBe(made);
  });

  it('remembers the secrets and what is made of them, which an answer must not repeat', () => {
    const made = texts();
    made.make({ concat: ['a', { base64: key }, { hmac: { key, of: 'b' } }] });
    expect(made.used).toEqual(['k3y-0815-é', 'azN5LTA4MTUtw6k=', 'k3y-0815-é', digest('sha256', 'hex', 'b')]);
  });
});

const input = (value: unknown) =>
  engineActivities['http.request'].input.safeParse({ url: 'https://a.example', headers: { a: value } }).success;

it.each<[unknown, boolean]>([
  [{ concat: ['Basic ', { base64: { concat: [key, ':', key] } }] }, true],
  [{ concat: Array<string>(21).fill('a') }, false],
  [{ concat: [{ concat: [key] }] }, false],
  [{ base64: { base64: key } }, false],
  [{ hmac: { key: 'text' } }, false],
  [{ hmac: { key, of: key } }, false],
  [{ hmac: { key, hash: 'md5' } }, false],
  [{ secret: 'KAIT_SECRET_KEY', more: 1 }, false],
])('the activity takes %j: %s', (value, isTaken) => {
  expect(input(value)).toBe(isTaken);
});
