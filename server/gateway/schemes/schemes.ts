import { z } from 'zod';
import { asymmetricSchema, compileAsymmetric } from './asymmetric.ts';
import { compileHash, hashSchema } from './hash.ts';
import { compileHmac, hmacSchema } from './hmac.ts';
import { compileJwt, jwtSchema } from './jwt.ts';
import { compileNone, noneSchema } from './none.ts';
import { compileToken, tokenSchema } from './token.ts';
import type { IsChallenge, Scheme } from './scheme.ts';

/** All schemes. To add one, write a file beside this one, and add its schema here and its case to {@link compileScheme}. */
export const schemeSchema = z.discriminatedUnion(
  'scheme',
  [hmacSchema, hashSchema, tokenSchema, asymmetricSchema, jwtSchema, noneSchema],
  { error: 'expected "scheme" to be "hmac", "hash", "token", "asymmetric", "jwt" or "none"' },
);
export type SchemeOptions = z.output<typeof schemeSchema>;

/** `isChallenge` tells the texts that a handshake signs for anybody. No scheme with a shared secret accepts them. */
export function compileScheme(options: SchemeOptions, isChallenge: IsChallenge = () => false): Scheme {
  switch (options.scheme) {
    case 'hmac':
      return compileHmac(options, isChallenge);
    case 'hash':
      return compileHash(options, isChallenge);
    case 'token':
      return compileToken(options);
    case 'asymmetric':
      return compileAsymmetric(options);
    case 'jwt':
      return compileJwt(options);
    case 'none':
      return compileNone();
  }
}
