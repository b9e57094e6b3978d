import { z } from 'zod';
import { timestampSchema, type TimestampOptions } from '../freshness.ts';
import { placeSchema, signedTextSchema } from '../place-schema.ts';
import { signatureSchema, type SignatureOptions } from '../signature.ts';
import { canonicalSchema, type CanonicalOptions } from '../canonical-form.ts';
import { keyIdSchema } from './key-id.ts';

export const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** One algorithm, or those that the request may name. */
export type AlgorithmOptions = DigestAlgorithm | { from: string; names: Record<string, DigestAlgorithm> };

/** What schemes share that compare a digest of the request with the one that it carries. */
export interface DigestOptions {
  scope: 'request' | 'item';
  algorithm: AlgorithmOptions;
  signature: SignatureOptions;
  signed: string | string[];
  canonical?: Record<string, CanonicalOptions> | undefined;
  keyId?: string | undefined;
  timestamp?: TimestampOptions | undefined;
}

const algorithmSchema = z.union(
  [
    z.enum(digestAlgorithms),
    z.strictObject({
      from: placeSchema(['sig', 'header', 'form']),
      names: z
        .record(z.string(), z.enum(digestAlgorithms))
        .describe('The algorithms that may be named there, by the names that they have there.'),
    }),
  ],
  { error: `expected one of ${digestAlgorithms.join(', ')}, or {"from": …, "names": …}` },
);

export const digestFields = {
  scope: z
    .enum(['request', 'item'])
    .default('request')
    .describe('item: each event of a batch has a signature of its own, and all must be right.'),
  algorithm: algorithmSchema,
  signature: signatureSchema,
  signed: z
    .union([signedTextSchema, z.array(signedTextSchema).min(1).max(4)])
    .describe('The signed text, {sig:t}.{body}; {body} is the bytes as they came. Of several, any may be signed.'),
  canonical: z
    .record(z.string().regex(/^[a-z]+$/), canonicalSchema)
    .optional()
    .describe('Ways to write the fields of the body anew, for {canonical:name} in the signed text.'),
  keyId: keyIdSchema,
  timestamp: timestampSchema.optional(),
};

/** A time that is not signed could be set to now by whoever plays an old request again. */
export function signsItsTime({ signed, timestamp }: Pick<DigestOptions, 'signed' | 'timestamp'>): boolean {
  return timestamp === undefined || [signed].flat().every((text) => text.includes(`{${timestamp.from}}`));
}

export const signsItsTimeMessage = {
  path: ['timestamp', 'from'],
  message: 'the time must be part of the signed text, or anybody could renew an old request',
};

/** Whether the secret is part of the signed texts. A template that does not compile has a finding of its own. */
export function holdsSecret({ signed }: Pick<DigestOptions, 'signed'>, which: 'some' | 'every'): boolean {
  return [signed].flat()[which]((text) => /\{\s*secret\s*\}/.test(text));
}

/** `{canonical:name}` must be declared beside it. */
export function namesItsForms({ signed, canonical = {} }: Pick<DigestOptions, 'signed' | 'canonical'>): boolean {
  const names = [signed].flat().flatMap((text) => [...text.matchAll(/\{\s*canonical:([^}\s]*)\s*\}/g)]);
  return names.every(([, name = '']) => Object.hasOwn(canonical, name));
}

export const namesItsFormsMessage = {
  path: ['signed'],
  message: '{canonical:…} names a form that `canonical` does not hold',
};
