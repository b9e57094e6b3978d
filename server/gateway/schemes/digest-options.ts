import { timestampSchema, type TimestampOptions } from '../freshness.ts';
import { signedTextSchema } from '../place-schema.ts';
import { signatureSchema, type SignatureOptions } from '../signature.ts';

/** What schemes share that compare a digest of the request with the one that it carries. */
export interface DigestOptions {
  signature: SignatureOptions;
  signed: string;
  timestamp?: TimestampOptions | undefined;
}

export const digestFields = {
  signature: signatureSchema,
  signed: signedTextSchema.describe('The signed text, {sig:t}.{body}. {body} is the bytes as they came.'),
  timestamp: timestampSchema.optional(),
};

/** Bytes of a digest. */
export const digestLengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** A time that is not signed could be set to now by whoever plays an old request again. */
export function signsItsTime({ signed, timestamp }: DigestOptions): boolean {
  return timestamp === undefined || signed.includes(`{${timestamp.from}}`);
}

export const signsItsTimeMessage = {
  path: ['timestamp', 'from'],
  message: 'the time must be part of the signed text, or anybody could renew an old request',
};

/** Whether the secret is part of the signed text. A template that does not compile has a finding of its own. */
export function holdsSecret({ signed }: DigestOptions): boolean {
  return /\{\s*secret\s*\}/.test(signed);
}
