import { createSecretFinder } from '../../http/find-secrets.ts';
import { createMask, type Mask } from '../../http/mask-secrets.ts';
import { type SecretBindings, secretName, secretRefusal } from '../../language/secret-bindings.ts';
import { activityFailure } from '../failure-types.ts';
import { type SecretDeps, secretValue } from '../secrets.ts';

/** The secrets that one attempt has read. */
export interface ActivitySecrets {
  /** Throws `SecretNotAllowed`, `SecretUnavailable` or `SecretsUnreadable`; none shows a value. */
  read(name: string): string;
  /** Masks what has been read so far. */
  mask(): Mask;
  /** Throws `SecretNotAllowed` if one of `texts` holds a secret that may not be sent to `url`. */
  requireAllowed(url: URL, texts: readonly string[]): void;
}

const file = 'definitions/secrets.json';

/**
 * Opens the secrets for one attempt. What `secrets.json` says is read first, since an activity asks for a secret without waiting; if it
 * cannot be read, only an activity that asks for one fails.
 */
export async function openActivitySecrets(
  { lookupSecret, secretBindings }: SecretDeps,
  definition: string | undefined,
): Promise<ActivitySecrets> {
  const known = await secretBindings().then(
    (bindings) => () => bindings,
    (error: unknown) => () => {
      throw error;
    },
  );
  const values = new Map<string, string>();
  let mask = createMask([]);
  return {
    read(name) {
      const value = values.get(name) ?? allowed(known(), name, definition, () => secretValue(lookupSecret, name));
      if (!values.has(name)) {
        values.set(name, value);
        mask = createMask([...values.values()]);
      }
      return value;
    },
    mask: () => mask,
    requireAllowed(url, texts) {
      for (const [name, value] of values) {
        const find = createSecretFinder([value]);
        if (!texts.some((text) => find(text).includes(1))) continue;
        const refusal = secretRefusal(known(), { secret: name, url, definition });
        if (refusal !== undefined) throw activityFailure('SecretNotAllowed', `${refusal.message} ${refusal.hint}`);
      }
    },
  };
}

function allowed(bindings: SecretBindings, name: string, definition: string | undefined, read: () => string): string {
  if (!secretName.test(name)) {
    throw activityFailure('SecretUnavailable', `Expected a secret named KAIT_SECRET_…, got ${JSON.stringify(name)}`);
  }
  const binding = bindings.get(name);
  if (binding === undefined) {
    const remedy = `Add "${name}": { "hosts": ["api.example.com"] } with the hosts that it is for`;
    throw activityFailure('SecretNotAllowed', `${name} has no entry in ${file}, so no activity may use it. ${remedy}`);
  }
  if (binding.definitions !== undefined && !(definition !== undefined && binding.definitions.includes(definition))) {
    const whose = definition === undefined ? 'This definition' : `The definition "${definition}"`;
    throw activityFailure('SecretNotAllowed', `${whose} may not use ${name}. ${file} lists those that may`);
  }
  return read();
}
