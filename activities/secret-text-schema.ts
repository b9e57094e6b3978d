import { z } from 'zod';
import { hmacEncodings, hmacHashes, mostSecretParts } from '../language/secret-text.ts';

/* A text with secrets in it, which the activity makes: see `language/secret-text.ts`. Not recursive, so that its depth is bounded. */

const secret = z.strictObject({ secret: z.string().max(128) });
const plain = z.union([z.string().max(8192), secret]);
const joined = z.union([plain, z.strictObject({ concat: z.array(plain).min(1).max(mostSecretParts) })]);
const hmac = z.strictObject({
  key: secret,
  of: z.string().max(262_144).optional(),
  hash: z.enum(hmacHashes).optional(),
  encoding: z.enum(hmacEncodings).optional(),
});
const derived = z.union([z.strictObject({ base64: joined }), z.strictObject({ hmac })]);
const parts = z
  .array(z.union([plain, derived]))
  .min(1)
  .max(mostSecretParts);

export const secretText = z.union([plain, derived, z.strictObject({ concat: parts })], {
  error: 'expected text or {"secret": "NAME"}',
});
