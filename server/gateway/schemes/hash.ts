import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  digestFields,
  holdsSecret,
  namesItsForms,
  namesItsFormsMessage,
  signsItsTime,
  signsItsTimeMessage,
  compileDigestScheme,
} from './digest-scheme.ts';
import type { IsChallenge, Scheme } from './scheme.ts';

export const hashSchema = z
  .strictObject({ scheme: z.literal('hash'), ...digestFields })
  .refine(signsItsTime, signsItsTimeMessage)
  .refine(namesItsForms, namesItsFormsMessage)
  .refine((options) => holdsSecret(options, 'every'), {
    path: ['signed'],
    message: 'without {secret} anybody could compute the hash',
  })
  .describe('A plain hash of a text made of the request and the secret.');
export type HashOptions = z.output<typeof hashSchema>;

export function compileHash(options: HashOptions, isChallenge: IsChallenge): Scheme {
  return compileDigestScheme(options, isChallenge, (algorithm, _secret, chunks) => {
    const hash = createHash(algorithm);
    for (const chunk of chunks) hash.update(chunk);
    return hash.digest();
  });
}
