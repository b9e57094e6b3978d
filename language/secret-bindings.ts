import type { FindingCode } from './codes.ts';
import { isAtSecretHost, isOnlyUnencrypted, type SecretHost, secretHostOf } from './secret-hosts.ts';

/** Who may use a secret, and where it may be sent. */
export interface SecretBinding {
  hosts: readonly SecretHost[];
  /** Names of definitions. Undefined: all of them. */
  definitions?: readonly string[] | undefined;
}

/** The entries of `definitions/secrets.json`, by the names of the secrets. A secret without one is sent nowhere. */
export type SecretBindings = ReadonlyMap<string, SecretBinding>;

/** The names of the secrets that definitions may use. The gateways' secrets and Kait's own have others. */
export const secretName = /^KAIT_SECRET_[A-Z0-9_]+$/;

export interface SecretUse {
  secret: string;
  /** The URL of the request; of its path and query nothing is shown. */
  url: URL;
  /** The name of the definition. Undefined: not known, so that only secrets for all definitions may be used. */
  definition: string | undefined;
}

export interface SecretRefusal {
  code: FindingCode & `KAIT15${string}`;
  message: string;
  /** What to write. */
  hint: string;
}

const file = 'definitions/secrets.json';

/** Why a secret may not be used so; undefined if it may. The checker and the worker ask the same. */
export function secretRefusal(bindings: SecretBindings, use: SecretUse): SecretRefusal | undefined {
  const { secret, url, definition } = use;
  const binding = bindings.get(secret);
  if (binding === undefined) return unbound(use);
  const { hosts, definitions } = binding;
  if (!hosts.some((host) => isAtSecretHost(url, host))) return elsewhere(use, hosts);
  if (definitions === undefined || (definition !== undefined && definitions.includes(definition))) return undefined;
  return {
    code: 'KAIT1503',
    message: `The definition ${definition === undefined ? '' : `"${definition}" `}may not use ${secret}.`,
    hint: `To allow it, add ${definition === undefined ? 'its name' : `"${definition}"`} to the "definitions" of ${secret} in ${file}.`,
  };
}

function unbound({ secret, url }: SecretUse): SecretRefusal {
  return {
    code: 'KAIT1502',
    message: `${secret} has no entry in ${file}, so it is sent nowhere.`,
    hint: `To allow this host, add "${secret}": { "hosts": ["${secretHostOf(url)}"] }.`,
  };
}

function elsewhere({ secret, url }: SecretUse, hosts: readonly SecretHost[]): SecretRefusal {
  const add = `add "${secretHostOf(url)}" to the "hosts" of ${secret} in ${file}.`;
  if (hosts.some((host) => isOnlyUnencrypted(url, host))) {
    const message = `${secret} may not be sent over http://, because anybody on the way could read it.`;
    return { code: 'KAIT1501', message, hint: `Use https://. To allow it anyway, ${add}` };
  }
  const allowed = hosts.map(({ text }) => text).join(', ');
  const message = `${secret} may not be sent to ${url.protocol}//${url.host}, only to ${allowed}.`;
  return { code: 'KAIT1501', message, hint: `To allow it, ${add}` };
}
