import { z } from 'zod';
import { compileHash, hashSchema } from './hash.ts';
import { compileHmac, hmacSchema } from './hmac.ts';
import { compileToken, tokenSchema } from './token.ts';
import type { Scheme } from './scheme.ts';

/** Every scheme there is. A new one is a file beside this one, its schema here, and its line in {@link compileScheme}. */
export const schemeSchema = z.discriminatedUnion('scheme', [hmacSchema, hashSchema, tokenSchema], {
  error: 'expected "scheme" to be "hmac", "hash" or "token"',
});
export type SchemeOptions = z.output<typeof schemeSchema>;

export function compileScheme(options: SchemeOptions): Scheme {
  switch (options.scheme) {
    case 'hmac':
      return compileHmac(options);
    case 'hash':
      return compileHash(options);
    case 'token':
      return compileToken(options);
  }
}
