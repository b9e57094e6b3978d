import { createHash } from 'node:crypto';
import type { Installation } from './installation.ts';

/*
 * What stands for a customer wherever runs and events can be searched: a keyed hash of the e-mail address in lower case. Who reads the
 * table, or Temporal's search attributes, learns no address and can test no guess, because the key never leaves the installation. Another
 * installation has other hashes.
 *
 * SHA-256 twice, with the key before both: without the outer one, a hash could be extended. 128 bits of it: in Temporal in hexadecimal, in the
 * inbox as a UUID, which is PostgreSQL's smallest type for them.
 */

const characters = 32;
const purpose = 'customer:';

/** The hash of an address, as a UUID in SQL. `email` is an expression for the address in lower case; null has none. */
export const customerHashSql = (email: string) => hashSql(purpose, email);

/** The same of an id that a rejected request claims to be about: see `server/receiver/claims.ts`. */
export const claimHashSql = (id: string) => hashSql('claim:', id);

function hashSql(purpose: string, text: string): string {
  return `(select left(encode(sha256(seal_key || sha256(seal_key || convert_to('${purpose}' || ${text}, 'UTF8'))), 'hex'), ${characters})::uuid from installation)`;
}

/** The same hash, where there is no database at hand. */
export function customerHashOf({ sealKey }: Pick<Installation, 'sealKey'>, email: string): string {
  const inner = createHash('sha256').update(sealKey).update(`${purpose}${email.toLowerCase()}`).digest();
  return createHash('sha256').update(sealKey).update(inner).digest('hex').slice(0, characters);
}
