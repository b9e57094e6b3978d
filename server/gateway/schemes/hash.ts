import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import type { Chunk } from '../filters.ts';
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
  const hashBeginning = createBeginnings();
  return compileDigestScheme(options, isChallenge, (algorithm, _secret, [first = '', ...others]) => {
    const hash = hashBeginning(algorithm, first);
    for (const chunk of others) hash.update(chunk);
    return hash.digest();
  });
}

/** Hashes a body once if the secrets follow it. */
function createBeginnings() {
  const known = new WeakMap<Buffer, Map<string, Hash>>();
  return (algorithm: string, chunk: Chunk): Hash => {
    if (typeof chunk === 'string') return createHash(algorithm).update(chunk);
    const hashes = known.get(chunk) ?? new Map<string, Hash>();
    const hash = hashes.get(algorithm) ?? createHash(algorithm).update(chunk);
    known.set(chunk, hashes.set(algorithm, hash));
    return hash.copy();
  };
}
