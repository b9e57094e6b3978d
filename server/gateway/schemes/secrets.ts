import { type z } from 'zod';
import type { Credentials, RejectionReason } from './scheme.ts';
import { compileSelector, parseSelector, type SelectorKind, selectorSchema } from '../selector.ts';
import type { RequestView } from '../request-view.ts';

const keyIdSelectors: readonly SelectorKind[] = ['header', 'query', 'json', 'form'];

export const keyIdSchema: z.ZodOptional<z.ZodString> = selectorSchema(keyIdSelectors)
  .describe('The selector of the key id. The secret is then looked up in the source’s `keyring`.')
  .optional();

/** The secrets that may have signed a request: all of the source's, or the one that the request names. */
export type ReadSecrets = (view: RequestView, credentials: Credentials) => readonly string[] | RejectionReason;

export function compileSecrets(keyId: string | undefined): ReadSecrets {
  if (keyId === undefined) return (_view, { secrets }) => orNone(secrets);
  const read = compileSelector(parseSelector(keyId, keyIdSelectors));
  return (view, { keyring }) => {
    if (keyring.size === 0) return 'no-secret';
    const secret = keyring.get(read(view) ?? '');
    return secret === undefined || secret === '' ? 'unknown-key' : [secret];
  };
}

function orNone(secrets: readonly string[]): readonly string[] | RejectionReason {
  const usable = secrets.filter((secret) => secret !== '');
  return usable.length === 0 ? 'no-secret' : usable;
}

/** A source has a few keys, but requests may name others. */
const keepAtMost = 64;

/** Caches the results of `parse`, because parsing a key takes longer than verifying with it. */
export function remembering<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= keepAtMost) known.clear();
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}
