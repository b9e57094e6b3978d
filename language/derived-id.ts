import { sha256Hex } from './sha256.ts';

/**
 * `<prefix>_<32 hex digits>`, the same for the same key. Derived, not random: attempts of one step that run concurrently or
 * after a crash agree on the id without asking each other, and so do a run and its activities. 128 bits of SHA-256 do not
 * collide by chance.
 */
export function derivedId(prefix: string, key: string): string {
  return `${prefix}_${sha256Hex(key).slice(0, 32)}`;
}
