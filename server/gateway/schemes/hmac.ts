import { createHash, createHmac } from 'node:crypto';
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

export const keySchema = z
  .strictObject({
    encoding: z.enum(['utf8', 'hex', 'base64']).default('utf8').describe('The encoding of the secret.'),
    prefix: z.string().min(1).optional().describe('A prefix that is not part of the key: whsec_.'),
    hash: z.enum(['sha1', 'sha256']).optional().describe('The key is this hash of the secret’s bytes.'),
  })
  .describe('How the key is made from the secret. Default: its bytes in UTF-8.');
export type KeyOptions = z.output<typeof keySchema>;

export const hmacSchema = z
  .strictObject({ scheme: z.literal('hmac'), key: keySchema.optional(), ...digestFields })
  .refine(signsItsTime, signsItsTimeMessage)
  .refine(namesItsForms, namesItsFormsMessage)
  .refine((options) => !holdsSecret(options, 'some'), {
    path: ['signed'],
    message: 'the secret is the key of an hmac, not part of its text. Did you mean the scheme "hash"?',
  })
  .describe('HMAC (RFC 2104) of a text made of the request.');
export type HmacOptions = z.output<typeof hmacSchema>;

export function compileHmac(options: HmacOptions, isChallenge: IsChallenge): Scheme {
  const { key } = options;
  return compileDigestScheme(options, isChallenge, (algorithm, secret, chunks) => {
    const bytes = decodeKey(secret, key);
    if (bytes === undefined) return undefined;
    const hmac = createHmac(algorithm, bytes);
    for (const chunk of chunks) hmac.update(chunk);
    return hmac.digest();
  });
}

/** Undefined if the secret does not have the key's format: a key of the few bytes that do decode would be easy to guess. */
export function decodeKey(secret: string, options: KeyOptions | undefined): string | Buffer | undefined {
  if (options === undefined) return secret;
  const { encoding, prefix = '', hash } = options;
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  const bytes = Buffer.from(text, encoding);
  const written = bytes.toString(encoding);
  const faithful = encoding === 'hex' ? written === text.toLowerCase() : unpadded(written) === unpadded(text);
  if (!faithful || bytes.length === 0) return undefined;
  return hash === undefined ? bytes : createHash(hash).update(bytes).digest();
}

function unpadded(text: string): string {
  return text.replace(/=+$/, '');
}
