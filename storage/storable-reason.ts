import { withoutSecrets } from '../describe-error.ts';

/** Characters of a reason. */
const longest = 2_000;

/** A reason as the database takes it. PostgreSQL accepts neither NUL nor half a surrogate pair, and an error may quote anything. */
export function storableReason(reason: string): string {
  return withoutSecrets(reason)
    .slice(0, longest)
    .replace(/[\p{Cc}\p{Surrogate}]/gu, '\uFFFD');
}
