import { type z } from 'zod';
import type { Credentials } from '../credentials.ts';
import { compilePlace, parsePlace, type PlaceKind } from '../place.ts';
import { placeSchema } from '../place-schema.ts';
import type { RequestView } from '../request-view.ts';
import type { RejectionReason } from './scheme.ts';

const keyIdPlaces: readonly PlaceKind[] = ['header', 'query', 'json', 'form'];

export const keyIdSchema: z.ZodOptional<z.ZodString> = placeSchema(keyIdPlaces)
  .describe('Where the request names its key: the secret is then that of the source’s `keyring`.')
  .optional();

/** The secrets that may have signed a request: all of the source's, or the one that the request names. */
export type ReadSecrets = (view: RequestView, credentials: Credentials) => readonly string[] | RejectionReason;

export function compileSecrets(keyId: string | undefined): ReadSecrets {
  if (keyId === undefined) return (_view, { secrets }) => orNone(secrets);
  const read = compilePlace(parsePlace(keyId, keyIdPlaces));
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
