import { timingSafeEqual } from 'node:crypto';
import { compileFreshness, timestampSchema, type TimestampOptions } from '../freshness.ts';
import { formatInstant } from '../instant.ts';
import { writeAt, type OutboundDraft } from '../outbound-draft.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import { signedTextSchema } from '../place-schema.ts';
import {
  compileSignatures,
  formatSignature,
  signatureSchema,
  type SignatureGroup,
  type SignatureOptions,
} from '../signature.ts';
import { compileSignedText } from '../signed-text.ts';
import { accepted, refused, type Scheme, type Verdict } from './scheme.ts';

/** What schemes share that compare a digest of the request with the one that it carries. */
export const digestFields = {
  signature: signatureSchema,
  signed: signedTextSchema.describe('The signed text, {sig:t}.{body}. {body} is the bytes as they came.'),
  timestamp: timestampSchema.optional(),
};
export interface DigestOptions {
  signature: SignatureOptions;
  signed: string;
  timestamp?: TimestampOptions | undefined;
}

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

/** The digest of the chunks one after the other. Undefined: the secret is not of the form that the key has. */
export type Digest = (secret: string, chunks: readonly (string | Buffer)[]) => Buffer | undefined;

export const digestLengths = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

export function compileDigestScheme(options: DigestOptions, digest: Digest, digestLength: number): Scheme {
  const signedText = compileSignedText(options.signed);
  const checkFreshness = compileFreshness(options.timestamp);
  const usedFields = usedFieldsOf(signedText.signatureFields, options.timestamp);
  const readSignatures = compileSignatures(options.signature, usedFields, digestLength);

  const digestOf = (view: RequestView, secret: string): Buffer | undefined => {
    const chunks = signedText.read(view, secret);
    return chunks && digest(secret, chunks);
  };
  const matches = (view: RequestView, candidates: readonly Buffer[], secrets: readonly string[]): Verdict => {
    for (const secret of secrets) {
      const expected = digestOf(view, secret);
      if (expected === undefined) continue;
      if (candidates.some((candidate) => timingSafeEqual(candidate, expected))) return accepted;
    }
    return refused(signedText.read(view, '') === undefined ? 'incomplete' : 'wrong-signature');
  };
  /** Freshness comes after the signature: the time is worth nothing before. */
  const verifyGroup = (view: RequestView, group: SignatureGroup, secrets: readonly string[], nowMs: number | null) => {
    const own = { ...view, signatureFields: group.fields };
    const verdict = matches(own, group.candidates, secrets);
    return verdict.ok ? checkFreshness(own, nowMs) : verdict;
  };

  return {
    verify(view, secrets, nowMs) {
      if (secrets.length === 0) return refused('no-secret');
      const groups = readSignatures(view);
      if (groups === undefined) return refused('missing-signature');
      let verdict = refused('malformed-signature');
      for (const group of groups) {
        verdict = verifyGroup(view, group, secrets, nowMs);
        if (verdict.ok) break;
      }
      return verdict;
    },
    sign(draft, secret, nowMs) {
      const { draft: dated, fields } = putTime(draft, options.timestamp, usedFields, nowMs);
      const view = { ...createRequestView({ method: 'POST', url: '/', ...dated }), signatureFields: fields };
      const signature = digestOf(view, secret);
      if (signature === undefined) throw new Error('The sample lacks something that the signature covers.');
      return writeAt(dated, options.signature.from, formatSignature(signature, options.signature, fields));
    },
  };
}

function usedFieldsOf(fields: readonly string[], timestamp: TimestampOptions | undefined): string[] {
  const own = timestamp?.from.startsWith('sig:') === true ? [timestamp.from.slice('sig:'.length)] : [];
  return [...new Set([...own, ...fields])];
}

/** The time goes where the preset says; a field beside the signature that is not the time has no known meaning. */
function putTime(
  draft: OutboundDraft,
  timestamp: TimestampOptions | undefined,
  usedFields: readonly string[],
  nowMs: number,
): { draft: OutboundDraft; fields: Map<string, string> } {
  if (timestamp === undefined) return { draft, fields: new Map() };
  const time = formatInstant(nowMs, timestamp.format);
  if (!timestamp.from.startsWith('sig:')) return { draft: writeAt(draft, timestamp.from, time), fields: new Map() };
  return { draft, fields: new Map(usedFields.map((field) => [field, time])) };
}
