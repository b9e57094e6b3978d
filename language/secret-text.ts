import { isObject, type Json, type JsonObject } from './json.ts';

/**
 * A text of a request that holds secrets, as runs carry it: the names of the secrets, never their values. Only the activity makes the
 * text of it, so that no value reaches history, a log or the simulator.
 */
export type SecretText =
  string | { secret: string } | { concat: SecretText[] } | { base64: SecretText } | { hmac: SecretHmac };

export interface SecretHmac {
  key: { secret: string };
  /** Default: the request's body, as it is sent. */
  of?: string | undefined;
  /** Default `sha256`. */
  hash?: 'sha1' | 'sha256' | 'sha512' | undefined;
  /** Default `hex`. */
  encoding?: 'hex' | 'base64' | 'base64url' | undefined;
}

export const hmacHashes = ['sha1', 'sha256', 'sha512'] as const;
export const hmacEncodings = ['hex', 'base64', 'base64url'] as const;
/** The parts of one `concat`. */
export const mostSecretParts = 20;

const forms = ['secret', 'concat', 'base64', 'hmac'];

/** Whether a template stands for a text with secrets. `{"concat": ["a"]}` and `{"base64": "a"}` are data and an expression. */
export function isSecretText(template: Json | undefined): template is JsonObject {
  if (!isObject(template)) return false;
  const [form, ...others] = Object.keys(template);
  return form !== undefined && others.length === 0 && forms.includes(form) && secretsIn(template).length > 0;
}

/** Each `{"secret": "NAME"}` in a template, with the path to it. */
export function secretsIn(template: Json | undefined, path: readonly (string | number)[] = []): NamedSecret[] {
  if (template === undefined || template === null || typeof template !== 'object') return [];
  if (isSecret(template)) return [{ name: template.secret, path }];
  const members: [string | number, Json][] = Array.isArray(template)
    ? template.map((item, position) => [position, item])
    : Object.entries(template);
  return members.flatMap(([key, member]) => secretsIn(member, [...path, key]));
}

export interface NamedSecret {
  name: string;
  path: readonly (string | number)[];
}

/** Text with braces is no name: an event would choose the secret. */
export function isSecret(template: Json): template is { secret: string } {
  if (!isObject(template) || Object.keys(template).join() !== 'secret') return false;
  return typeof template.secret === 'string' && !template.secret.includes('{{');
}
