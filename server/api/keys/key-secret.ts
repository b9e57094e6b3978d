import { createHash, randomBytes } from 'node:crypto';

/*
 * `kait_<id>_<secret><check>`, in hexadecimal: 6 bytes by which the row is found, 20 random bytes, and the first 4 of a digest of all
 * before. So scanners recognize a key that was published by mistake, and what was mistyped or made up is refused without a look at the
 * database. 160 random bits cannot be guessed, not even by whoever has the hash: so a plain SHA-256 at rest is enough. Slow hashes are for
 * what people make up, and would let strangers keep the server busy.
 */

const form = /^(kait_([0-9a-f]{12})_[0-9a-f]{40})([0-9a-f]{8})$/;

/** A new secret. `id` is a part of it and may be shown. */
export function newSecret(): { id: string; secret: string } {
  const id = randomBytes(6).toString('hex');
  const body = `kait_${id}_${randomBytes(20).toString('hex')}`;
  return { id, secret: body + checkOf(body) };
}

/** The id in a secret. Null: it is none. */
export function idOf(secret: string): string | null {
  const [, body, id, check] = form.exec(secret) ?? [];
  return body !== undefined && id !== undefined && checkOf(body) === check ? id : null;
}

/** SHA-256 (hex), as it is stored. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function checkOf(body: string): string {
  return hashOf(body).slice(0, 8);
}
