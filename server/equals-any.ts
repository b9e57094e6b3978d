import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a text equals one of the secrets, in constant time. Digests all have the same length, so comparing them does not
 * reveal the length of the secrets either. An empty secret never matches.
 */
export function equalsAny(given: string, secrets: readonly string[]): boolean {
  const digest = digestOf(given);
  const equal = secrets.map((secret) => secret !== '' && timingSafeEqual(digest, digestOf(secret)));
  return equal.includes(true);
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
