import { activityFailure } from './failure-types.ts';

/**
 * Definitions reach only secrets that were made for them: whoever may write a definition must not read the gateways'
 * signing secrets or the database's password.
 */
const readable = /^KAIT_SECRET_[A-Z0-9_]+$/;

/** A secret's value by its name; undefined where it is not configured. */
export type LookupSecret = (name: string) => string | undefined;

/** The value for `{"secret": "KAIT_SECRET_…"}`. Throws `SecretUnavailable`, which names the secret and never shows it. */
export function readSecret(lookupSecret: LookupSecret, name: string): string {
  if (!readable.test(name)) {
    throw activityFailure('SecretUnavailable', `Expected a secret named KAIT_SECRET_…, came ${JSON.stringify(name)}`);
  }
  const value = lookupSecret(name);
  if (value === undefined || value === '') throw activityFailure('SecretUnavailable', `${name} is not configured`);
  return value;
}

/** `text` without the secrets, for what a receiver sends back: an echo must not carry them into history. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  // Longest first, so that a secret inside another leaves no rest behind.
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return longestFirst.reduce((rest, form) => rest.replaceAll(form, '[secret]'), text);
}
