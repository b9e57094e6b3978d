import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a text equals one of the secrets, in constant time. Digests all have the same length, so comparing them does not
 * reveal the length of the secrets either. An empty secret never matches. Lists of secrets must not change: their digests are kept.
 */
export function equalsAny(given: string, secrets: readonly string[]): boolean {
  if (given === '') return false; // Tells the sender nothing that it does not know.
  const digest = digestOf(given);
  const equal = digestsOf(secrets).map((each) => each !== null && timingSafeEqual(digest, each));
  return equal.includes(true);
}

/** The digests of each list, for as long as it is in use. Null for an empty secret. */
const kept = new WeakMap<readonly string[], readonly (Buffer | null)[]>();

function digestsOf(secrets: readonly string[]): readonly (Buffer | null)[] {
  const known = kept.get(secrets);
  if (known !== undefined) return known;
  const digests = secrets.map((secret) => (secret === '' ? null : digestOf(secret)));
  kept.set(secrets, digests);
  return digests;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
