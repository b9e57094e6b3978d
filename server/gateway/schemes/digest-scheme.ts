import { timingSafeEqual } from 'node:crypto';
import { compileCanonicalForms } from '../canonical-form.ts';
import type { Chunk } from '../filters.ts';
import { compileFreshness, type TimestampOptions } from '../freshness.ts';
import { formatInstant } from '../instant.ts';
import { writeAt, type OutboundDraft } from '../outbound-draft.ts';
import { compilePlace, parsePlace } from '../place.ts';
import type { RequestView } from '../request-view.ts';
import { compileSignatures, formatSignature } from '../signature.ts';
import { compileSignedText, type ReadSignedText } from '../signed-text.ts';
import type { AlgorithmOptions, DigestAlgorithm, DigestOptions } from './digest-options.ts';
import { compileSecrets } from './key-id.ts';
import { rejected, verified, type Scheme, type Verification } from './scheme.ts';

/** The digest of the chunks one after the other. Undefined: the secret is not of the form that the key has. */
export type Digest = (algorithm: DigestAlgorithm, secret: string, chunks: readonly Chunk[]) => Buffer | undefined;

/** A scheme that compares `digest` with the signatures of the request. */
export function compileDigestScheme(options: DigestOptions, digest: Digest): Scheme {
  const forms = compileCanonicalForms(options.canonical ?? {});
  const signed = [options.signed].flat().map((template) => compileSignedText(template, forms));
  const texts = signed.map(({ read }) => read);
  const usedFields = usedFieldsOf(
    options,
    signed.flatMap(({ signatureFields }) => signatureFields),
  );
  const readSignatures = compileSignatures(options.signature, usedFields);
  const readAlgorithm = compileAlgorithm(options.algorithm);
  const readSecrets = compileSecrets(options.keyId);
  const checkFreshness = compileFreshness(options.timestamp);
  return {
    scope: options.scope,
    verify(view, credentials, nowMs) {
      const secrets = readSecrets(view, credentials);
      if (typeof secrets === 'string') return rejected(secrets);
      const groups = readSignatures(view);
      if (groups === undefined) return rejected('missing-signature');
      let verification = rejected('malformed-signature');
      for (const { fields, candidates } of groups) {
        const own = { ...view, signatureFields: fields };
        const algorithm = readAlgorithm(own);
        if (algorithm === undefined) return rejected('unsupported-algorithm');
        verification = compare(candidates, secrets, texts, (text, secret) => {
          const chunks = text(own, secret);
          return chunks && (digest(algorithm, secret, chunks) ?? 'bad-secret');
        });
        // Not before: the time of a forger is worth nothing.
        if (verification.ok) verification = checkFreshness(own, nowMs);
        if (verification.ok) break;
      }
      return verification;
    },
    sign(draft, view, { secret }, nowMs) {
      const fields = fieldsToSend(options, usedFields, nowMs);
      const dated = putTime(draft, options.timestamp, nowMs);
      const own = { ...view, request: { ...view.request, ...dated }, signatureFields: fields };
      const algorithm = readAlgorithm(own);
      const chunks = texts[0]?.(own, secret);
      const signature = algorithm && chunks && digest(algorithm, secret, chunks);
      if (signature === undefined) throw new Error('The sample lacks something that the signature covers.');
      return writeAt(dated, options.signature.from, formatSignature(signature, options.signature, own));
    },
  };
}

/** Whether any of the secrets has made any of the candidates over any of the texts. */
function compare(
  candidates: readonly Buffer[],
  secrets: readonly string[],
  texts: readonly ReadSignedText[],
  digestOf: (text: ReadSignedText, secret: string) => Buffer | 'bad-secret' | undefined,
): Verification {
  let verification = rejected('incomplete');
  for (const text of texts) {
    for (const secret of secrets) {
      const expected = digestOf(text, secret);
      if (expected === undefined) break;
      verification = rejected('wrong-signature');
      if (expected === 'bad-secret') continue;
      const right = candidates.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
      if (right) return verified;
    }
  }
  return verification;
}

function compileAlgorithm(options: AlgorithmOptions): (view: RequestView) => DigestAlgorithm | undefined {
  if (typeof options === 'string') return () => options;
  const read = compilePlace(parsePlace(options.from, ['sig', 'header', 'form']));
  const names = new Map(Object.entries(options.names));
  return (view) => names.get(read(view) ?? '');
}

/** The fields beside the signature that the scheme cannot do without. */
function usedFieldsOf({ algorithm, timestamp }: DigestOptions, signed: readonly string[]): string[] {
  const places = [timestamp?.from, typeof algorithm === 'string' ? undefined : algorithm.from];
  const own = places.flatMap((place) => (place?.startsWith('sig:') === true ? [place.slice('sig:'.length)] : []));
  return [...new Set([...own, ...signed])];
}

/** Of the fields beside a signature all known are the time, in seconds where nothing else is said, or the algorithm. */
function fieldsToSend({ algorithm, timestamp }: DigestOptions, usedFields: readonly string[], nowMs: number) {
  const time = formatInstant(nowMs, timestamp?.format ?? 'unix');
  const named = typeof algorithm === 'string' ? undefined : { ...algorithm, name: Object.keys(algorithm.names)[0] };
  return new Map(
    usedFields.map((field) => [field, named?.from === `sig:${field}` ? (named.name ?? '') : time] as const),
  );
}

function putTime(draft: OutboundDraft, timestamp: TimestampOptions | undefined, nowMs: number): OutboundDraft {
  if (timestamp === undefined || timestamp.from.startsWith('sig:')) return draft;
  return writeAt(draft, timestamp.from, formatInstant(nowMs, timestamp.format));
}
