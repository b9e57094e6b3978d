import { timingSafeEqual } from 'node:crypto';
import { compileFreshness, type TimestampOptions } from '../freshness.ts';
import { formatInstant } from '../instant.ts';
import { writeAt, type OutboundDraft } from '../outbound-draft.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import { compileSignatures, formatSignature } from '../signature.ts';
import { compileSignedText, type ReadSignedText } from '../signed-text.ts';
import type { DigestOptions } from './digest-options.ts';
import { accepted, refused, type Scheme, type Verdict } from './scheme.ts';

/** The digest of the chunks one after the other. Undefined: the secret is not of the form that the key has. */
export type Digest = (secret: string, chunks: readonly (string | Buffer)[]) => Buffer | undefined;

/** A scheme that compares `digest`, of `digestLength` bytes, with the signatures of the request. */
export function compileDigestScheme(options: DigestOptions, digest: Digest, digestLength: number): Scheme {
  const { read: readSigned, signatureFields } = compileSignedText(options.signed);
  const usedFields = usedFieldsOf(signatureFields, options.timestamp);
  const readSignatures = compileSignatures(options.signature, usedFields, digestLength);
  const checkFreshness = compileFreshness(options.timestamp);
  return {
    verify(view, secrets, nowMs) {
      if (secrets.length === 0) return refused('no-secret');
      const groups = readSignatures(view);
      if (groups === undefined) return refused('missing-signature');
      let verdict = refused('malformed-signature');
      for (const { fields, candidates } of groups) {
        const own = { ...view, signatureFields: fields };
        verdict = compare(own, candidates, secrets, readSigned, digest);
        if (verdict.ok) verdict = checkFreshness(own, nowMs); // Not before: the time of a forger is worth nothing.
        if (verdict.ok) break;
      }
      return verdict;
    },
    sign(draft, secret, nowMs) {
      const { dated, fields } = putTime(draft, options.timestamp, usedFields, nowMs);
      const view = { ...createRequestView({ method: 'POST', url: '/', ...dated }), signatureFields: fields };
      const chunks = readSigned(view, secret);
      const signature = chunks && digest(secret, chunks);
      if (signature === undefined) throw new Error('The sample lacks something that the signature covers.');
      return writeAt(dated, options.signature.from, formatSignature(signature, options.signature, fields));
    },
  };
}

/** Whether any of the secrets has made any of the candidates, which are all as long as a digest. */
function compare(
  view: RequestView,
  candidates: readonly Buffer[],
  secrets: readonly string[],
  readSigned: ReadSignedText,
  digest: Digest,
): Verdict {
  for (const secret of secrets) {
    const chunks = readSigned(view, secret);
    if (chunks === undefined) return refused('incomplete');
    const expected = digest(secret, chunks);
    if (expected !== undefined && candidates.some((each) => timingSafeEqual(each, expected))) return accepted;
  }
  return refused('wrong-signature');
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
): { dated: OutboundDraft; fields: Map<string, string> } {
  if (timestamp === undefined) return { dated: draft, fields: new Map() };
  const time = formatInstant(nowMs, timestamp.format);
  if (!timestamp.from.startsWith('sig:')) return { dated: writeAt(draft, timestamp.from, time), fields: new Map() };
  return { dated: draft, fields: new Map(usedFields.map((field) => [field, time])) };
}
