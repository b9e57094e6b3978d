import { z } from 'zod';
import { equalsAny } from '../../equals-any.ts';
import { writeAt } from '../outbound-draft.ts';
import { compileSelector, parseSelector, selectorSchema } from '../selector.ts';
import { signatureSelectors } from '../signature.ts';
import { compileSecrets, keyIdSchema } from './secrets.ts';
import { rejected, verified, type Scheme } from './scheme.ts';

export const tokenSchema = z
  .strictObject({
    scheme: z.literal('token'),
    from: selectorSchema(signatureSelectors).describe('The selector of the token: header:x-callback-token.'),
    keyId: keyIdSchema,
  })
  .describe('The request carries the secret itself. Nothing else in it is signed.');
export type TokenOptions = z.output<typeof tokenSchema>;

/** There is more than one only if a header is repeated. */
const candidateLimit = 16;
/** Characters. Each candidate is hashed, and a field of a form can be as long as a body. */
const textLimit = 4_096;

export function compileToken(options: TokenOptions): Scheme {
  const read = compileSelector(parseSelector(options.from, signatureSelectors));
  const readSecrets = compileSecrets(options.keyId);
  return {
    scope: 'request',
    verify(view, credentials) {
      const secrets = readSecrets(view, credentials);
      if (typeof secrets === 'string') return rejected(secrets);
      const text = read(view);
      if (text === undefined || text === '') return rejected('missing-token');
      if (text.length > textLimit) return rejected('wrong-token');
      const candidates = [text, ...text.split(', ', candidateLimit)];
      return candidates.some((each) => equalsAny(each, secrets)) ? verified : rejected('wrong-token');
    },
    sign: (draft, _view, { secret }) => writeAt(draft, options.from, secret),
  };
}
