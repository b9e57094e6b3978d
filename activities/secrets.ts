import { activityFailure } from './failure-types.ts';

/**
 * Definitions may read only secrets that are meant for them: authors of definitions must not see the gateways' signing secrets
 * or the database's password.
 */
const readable = /^KAIT_SECRET_[A-Z0-9_]+$/;

/** In characters. An answer is searched for what was sent. */
const shortestSecret = 8;

/** The value of a secret, or undefined if it is not configured. */
export type LookupSecret = (name: string) => string | undefined;

/** The value of `{"secret": "KAIT_SECRET_…"}`. Throws `SecretUnavailable`, which names the secret and never shows it. */
export function readSecret(lookupSecret: LookupSecret, name: string): string {
  if (!readable.test(name)) {
    throw activityFailure('SecretUnavailable', `Expected a secret named KAIT_SECRET_…, got ${JSON.stringify(name)}`);
  }
  const value = lookupSecret(name);
  if (value === undefined || value === '') throw activityFailure('SecretUnavailable', `${name} is not configured`);
  if (value.length < shortestSecret) {
    const why = 'so short that Kait could not tell it from ordinary text in an answer';
    throw activityFailure('SecretUnavailable', `${name} is ${why}. Use at least ${shortestSecret} characters`);
  }
  return value;
}
