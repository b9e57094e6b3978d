import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a text is one of the secrets, in constant time. Digests have one length, so that comparing them tells nothing about
 * the length of the secrets either. An empty secret is none.
 */
export function equalsAny(given: string, secrets: readonly string[]): boolean {
  const digest = digestOf(given);
  const equal = secrets.map((secret) => secret !== '' && timingSafeEqual(digest, digestOf(secret)));
  return equal.includes(true);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
