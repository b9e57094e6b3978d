import { z } from 'zod';
import type { Installation } from './installation.ts';
import { readSignedToken, signedToken } from './signed-token.ts';

/** Where receivers answer webhooks. No source can have a path below it: see `source-schema.ts`. */
export const callbackPath = '/callback/';

/** What a callback URL lets its holder do: answer the message of one delivery, until a time. */
export interface Callback {
  delivery: string;
  /** Unix seconds. */
  expiresAt: number;
}

const content = z.tuple([z.string(), z.int()]);

/** The same for the same callback, so that each attempt of a delivery carries the same URL. It is stored nowhere. */
export function callbackToken(installation: Installation, { delivery, expiresAt }: Callback): string {
  return signedToken(installation, 'callback', [delivery, expiresAt]);
}

/** Undefined unless Kait made the token for this installation. It may have expired. */
export function readCallbackToken(installation: Installation, token: string): Callback | undefined {
  const read = readSignedToken(installation, 'callback', token);
  if (read === undefined) return undefined;
  const [delivery, expiresAt] = content.parse(read);
  return { delivery, expiresAt };
}
