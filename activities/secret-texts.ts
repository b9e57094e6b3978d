import { createHmac } from 'node:crypto';
import type { Json } from '../language/json.ts';
import type { SecretHmac, SecretText } from '../language/secret-text.ts';
import { activityFailure } from './failure-types.ts';
import type { ReadSecret } from './secrets.ts';

/** Makes the texts of one request in which secrets are, and remembers what an answer must not repeat. */
export interface SecretTexts {
  /** `body`: what is signed without `of`. Throws what looking a secret up throws. */
  make(text: SecretText, body?: string): string;
  /** The secrets that were used, and what was made of them. */
  used: string[];
}

export function createSecretTexts(readSecret: ReadSecret): SecretTexts {
  const used: string[] = [];
  const kept = (text: string): string => {
    used.push(text);
    return text;
  };

  function make(text: SecretText, body = ''): string {
    if (typeof text === 'string') return text;
    if ('secret' in text) return kept(readSecret(text.secret));
    if ('concat' in text) return text.concat.map((part) => make(part, body)).join('');
    if ('base64' in text) return kept(Buffer.from(make(text.base64, body), 'utf8').toString('base64'));
    return kept(hmacOf(text.hmac, body));
  }

  function hmacOf({ key, of, hash = 'sha256', encoding = 'hex' }: SecretHmac, body: string): string {
    const secret = kept(readSecret(key.secret));
    return createHmac(hash, secret)
      .update(of ?? body, 'utf8')
      .digest(encoding);
  }

  return { make, used };
}

export interface Fillable {
  body?: Json | undefined;
  form?: Json | undefined;
}

/** Puts texts into their places in a body or form, which are null. Returns a copy. */
export function filledIn<Content extends Fillable>(
  content: Content,
  fill: { at: (string | number)[]; value: SecretText }[],
  texts: SecretTexts,
): Content {
  if (fill.length === 0) return content;
  const copy = structuredClone(content);
  for (const { at, value } of fill) setAt(copy, at, texts.make(value));
  return copy;
}

function setAt(root: object, at: readonly (string | number)[], text: string): void {
  const around = at.slice(0, -1).reduce<unknown>((value, key) => (isOwn(value, key) ? value[key] : undefined), root);
  const last = at.at(-1) ?? '';
  if (!isOwn(around, last) || around[last] !== null) {
    throw activityFailure('InputInvalid', `http.request: \`fill\`: there is no place ${JSON.stringify(at)}`);
  }
  Object.defineProperty(around, last, { value: text });
}

function isOwn(value: unknown, key: string | number): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}
