import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { digestFields, digestLengths, holdsSecret, signsItsTime, signsItsTimeMessage } from './digest-options.ts';
import { compileDigestScheme } from './digest-scheme.ts';
import type { Scheme } from './scheme.ts';

const keySchema = z
  .strictObject({
    encoding: z.enum(['utf8', 'hex', 'base64']).default('utf8').describe('How the secret is written.'),
    prefix: z.string().min(1).optional().describe('What stands before the encoded key and is no part of it: whsec_.'),
  })
  .describe('How the key is made of the secret. Default: its bytes in UTF-8.');
type KeyOptions = z.output<typeof keySchema>;

export const hmacSchema = z
  .strictObject({
    scheme: z.literal('hmac'),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']),
    key: keySchema.optional(),
    ...digestFields,
  })
  .refine(signsItsTime, signsItsTimeMessage)
  .refine((options) => !holdsSecret(options), {
    path: ['signed'],
    message: 'the secret is the key of an hmac and no part of its text. Did you mean the scheme "hash"?',
  })
  .describe('HMAC (RFC 2104) of a text that is made of the request.');
export type HmacOptions = z.output<typeof hmacSchema>;

export function compileHmac(options: HmacOptions): Scheme {
  const { algorithm, key } = options;
  return compileDigestScheme(
    options,
    (secret, chunks) => {
      const bytes = key === undefined ? secret : decodeKey(secret, key);
      if (bytes === undefined) return undefined;
      const hmac = createHmac(algorithm, bytes);
      for (const chunk of chunks) hmac.update(chunk);
      return hmac.digest();
    },
    digestLengths[algorithm],
  );
}

/** Undefined where the secret is not of the form: a key of the few bytes that do decode would be easy to guess. */
function decodeKey(secret: string, { encoding, prefix = '' }: KeyOptions): Buffer | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  const bytes = Buffer.from(text, encoding);
  const written = bytes.toString(encoding);
  const faithful = encoding === 'hex' ? written === text.toLowerCase() : unpadded(written) === unpadded(text);
  return faithful && bytes.length > 0 ? bytes : undefined;
}

function unpadded(text: string): string {
  return text.replace(/=+$/, '');
}
