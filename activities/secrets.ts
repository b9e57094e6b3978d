import { type SecretBindings, secretName, secretRefusal } from '../language/secret-bindings.ts';
import { KaitError } from '../errors.ts';
import { activityFailure } from './failure-types.ts';

/** In characters. An answer is searched for what was sent. */
const shortestSecret = 8;

/** The value of a secret, or undefined if it is not configured. */
export type LookupSecret = (name: string) => string | undefined;

/** What the worker knows of secrets, from its own environment and disk and never from a run. */
export interface SecretDeps {
  lookupSecret: LookupSecret;
  /** As they are now. Rejects with the transient `SecretsUnreadable` if they are not known. */
  secretBindings: () => Promise<SecretBindings>;
}

/** Looks up the secrets of one request. */
export type ReadSecret = (name: string) => string;

/**
 * Returns the function that looks up the values of `{"secret": "KAIT_SECRET_…"}` for a request to `url`. It throws `SecretNotAllowed`
 * if the secret may not be sent there or not by this definition, and `SecretUnavailable` if there is no such secret. Neither shows a
 * value. A refused secret is not even looked up.
 */
export async function secretsFor(
  { lookupSecret, secretBindings }: SecretDeps,
  { url, definition }: { url: URL; definition: string | undefined },
): Promise<ReadSecret> {
  const bindings = await secretBindings();
  return (name) => {
    if (!secretName.test(name)) {
      throw activityFailure('SecretUnavailable', `Expected a secret named KAIT_SECRET_…, got ${JSON.stringify(name)}`);
    }
    const refusal = secretRefusal(bindings, { secret: name, url, definition });
    if (refusal !== undefined) throw activityFailure('SecretNotAllowed', `${refusal.message} ${refusal.hint}`);
    return secretValue(lookupSecret, name);
  };
}

/** Throws `SecretUnavailable` if there is no such secret, or if it could not be told from other text. */
export function secretValue(lookupSecret: LookupSecret, name: string): string {
  return valueOf(lookUp(lookupSecret, name), name);
}

/** A file that cannot be read, or a value that the `.env` file cuts: what the configuration says about it shows no value. */
function lookUp(lookupSecret: LookupSecret, name: string): string | undefined {
  try {
    return lookupSecret(name);
  } catch (error) {
    if (error instanceof KaitError) throw activityFailure('SecretUnavailable', error.message);
    throw error;
  }
}

function valueOf(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw activityFailure('SecretUnavailable', `${name} is not configured`);
  if (value.length < shortestSecret) {
    const why = 'so short that Kait could not tell it from ordinary text in an answer';
    throw activityFailure('SecretUnavailable', `${name} is ${why}. Use at least ${shortestSecret} characters`);
  }
  return value;
}
