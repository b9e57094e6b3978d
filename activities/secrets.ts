import { activityFailure } from './failure-types.ts';

/**
 * Definitions may read only secrets that are meant for them: authors of definitions must not see the gateways' signing secrets
 * or the database's password.
 */
const readable = /^KAIT_SECRET_[A-Z0-9_]+$/;

/** The value of a secret, or undefined if it is not configured. */
export type LookupSecret = (name: string) => string | undefined;

/** The value of `{"secret": "KAIT_SECRET_…"}`. Throws `SecretUnavailable`, which names the secret and never shows it. */
export function readSecret(lookupSecret: LookupSecret, name: string): string {
  if (!readable.test(name)) {
    throw activityFailure('SecretUnavailable', `Expected a secret named KAIT_SECRET_…, got ${JSON.stringify(name)}`);
  }
  const value = lookupSecret(name);
  if (value === undefined || value === '') throw activityFailure('SecretUnavailable', `${name} is not configured`);
  return value;
}

/** A remote server's `text` without the secrets: an echo must not carry them into history. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Longest first, so that a secret inside another leaves nothing behind.
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return longestFirst.reduce((rest, form) => rest.replaceAll(form, '[secret]'), text);
}
