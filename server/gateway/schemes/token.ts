import { z } from 'zod';
import { equalsAny } from '../../equals-any.ts';
import { writeAt } from '../outbound-draft.ts';
import { compilePlace, parsePlace } from '../place.ts';
import { placeSchema } from '../place-schema.ts';
import { signaturePlaces } from '../signature.ts';
import { compileSecrets, keyIdSchema } from './key-id.ts';
import { rejected, verified, type Scheme } from './scheme.ts';

export const tokenSchema = z
  .strictObject({
    scheme: z.literal('token'),
    from: placeSchema(signaturePlaces).describe('Where the token stands: header:x-callback-token.'),
    keyId: keyIdSchema,
  })
  .describe('The request carries the secret itself. Nothing else in it is signed.');
export type TokenOptions = z.output<typeof tokenSchema>;

/** More than one only where a header is repeated. */
const candidateLimit = 16;

export function compileToken(options: TokenOptions): Scheme {
  const read = compilePlace(parsePlace(options.from, signaturePlaces));
  const readSecrets = compileSecrets(options.keyId);
  return {
    scope: 'request',
    verify(view, credentials) {
      const secrets = readSecrets(view, credentials);
      if (typeof secrets === 'string') return rejected(secrets);
      const text = read(view);
      if (text === undefined || text === '') return rejected('missing-token');
      const candidates = [text, ...text.split(', ', candidateLimit)];
      return candidates.some((each) => equalsAny(each, secrets)) ? verified : rejected('wrong-token');
    },
    sign: (draft, _view, { secret }) => writeAt(draft, options.from, secret),
  };
}
