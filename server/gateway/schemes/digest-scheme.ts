import { z } from 'zod';
import { timestampSchema, type TimestampOptions, compileFreshness } from '../freshness.ts';
import { selectorSchema, compileSelector, parseSelector } from '../selector.ts';
import { signatureSchema, type SignatureOptions, compileSignatures, formatSignature, triesFor } from '../signature.ts';
import { canonicalSchema, type CanonicalOptions, compileCanonicalForms } from '../canonical-form.ts';
import { keyIdSchema, compileSecrets } from './secrets.ts';
import { timingSafeEqual } from 'node:crypto';
import type { Chunk } from '../filters.ts';
import { formatInstant } from '../instant.ts';
import { writeAt, type OutboundDraft } from '../outbound-draft.ts';
import type { RequestView } from '../request-view.ts';
import { compileSignedText, signedTextSchema, type SignedText } from '../signed-text.ts';
import { rejected, verified, type IsChallenge, type Scheme, type Verification } from './scheme.ts';

const digestBytes = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;
const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** The algorithm, or the algorithms that a request can choose from by name. */
type AlgorithmOptions = DigestAlgorithm | { from: string; names: Record<string, DigestAlgorithm> };

/** Options of the schemes that compute a digest of the request and compare it with the signature. */
interface DigestOptions {
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
      from: selectorSchema(['sig', 'header', 'form']),
      names: z
        .record(z.string(), z.enum(digestAlgorithms))
        .describe('The allowed algorithms, by the names that the request uses.'),
    }),
  ],
  { error: `expected one of ${digestAlgorithms.join(', ')}, or {"from": …, "names": …}` },
);

export const digestFields = {
  scope: z
    .enum(['request', 'item'])
    .default('request')
    .describe('item: each event of a batch has its own signature, and all must be right.'),
  algorithm: algorithmSchema,
  signature: signatureSchema,
  signed: z
    .union([signedTextSchema, z.array(signedTextSchema).min(1).max(4)])
    .describe(
      'The signed text, {sig:t}.{body}. {body} is the bytes as received. If there are several texts, any of them may be signed.',
    ),
  canonical: z
    .record(z.string().regex(/^[a-z]+$/), canonicalSchema)
    .optional()
    .describe('Ways to rewrite the body’s fields, for {canonical:name} in the signed text.'),
  keyId: keyIdSchema,
  timestamp: timestampSchema.optional(),
};

export const signsItsTimeMessage = {
  path: ['timestamp', 'from'],
  message: 'the time must be part of the signed text, or anybody could replay an old request',
};

export const namesItsFormsMessage = {
  path: ['signed'],
  message: '{canonical:…} names a form that `canonical` does not have',
};

/** The digest of the chunks in turn. Undefined if the secret does not have the key's format. */
export type Digest = (algorithm: DigestAlgorithm, secret: string, chunks: readonly Chunk[]) => Buffer | undefined;

/** A scheme that compares `digest` with the signatures of the request, unless they are over a challenge. */
export function compileDigestScheme(options: DigestOptions, isChallenge: IsChallenge, digest: Digest): Scheme {
  const forms = compileCanonicalForms(options.canonical ?? {});
  const signed = [options.signed].flat().map((template) => compileSignedText(template, forms));
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
    fits: (view) => fitsBody(options.signature.from, view),
    verify(view, credentials, nowMs) {
      const secrets = readSecrets(view, credentials);
      if (typeof secrets === 'string') return rejected(secrets);
      const groups = readSignatures(view);
      if (groups === undefined) return rejected('missing-signature');
      let verification = rejected('malformed-signature');
      for (const { fields, candidates } of groups.slice(0, triesFor(view.request.body.length))) {
        const own = { ...view, signatureFields: fields };
        const algorithm = readAlgorithm(own);
        if (algorithm === undefined) return rejected('unsupported-algorithm');
        const fitting = candidates.filter(({ length }) => length === digestBytes[algorithm]);
        verification = compare(fitting, secrets, signed, {
          read: (text, secret) => text.read(own, secret),
          digest: (chunks, secret) => (isChallenge(chunks) ? undefined : digest(algorithm, secret, chunks)),
        });
        // Last, because the time of a forged request means nothing.
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
      // A gateway may sign other fields in other webhooks: the first text that the sample has everything for.
      const chunks = signed.map(({ read }) => read(own, secret)).find((each) => each !== undefined);
      const signature = algorithm && chunks && digest(algorithm, secret, chunks);
      if (signature === undefined) throw new Error('The sample lacks something that the signature covers.');
      return writeAt(dated, options.signature.from, formatSignature(signature, options.signature, own));
    },
  };
}

/** Forms are flat: a gateway that sends either JSON or a form has its signature in different places. */
function fitsBody(signatureFrom: string, view: RequestView): boolean {
  if (signatureFrom.startsWith('form:')) return view.form().fields !== null;
  const { form, document } = view.body();
  return form === null || document !== form || !/^(?:json|item):\/[^/]+\//.test(signatureFrom);
}

/**
 * Whether any of the secrets has made any of the candidates over any of the texts. A text is read once for all secrets, and hashed
 * once for each. Nothing is read if no candidate can be right.
 */
function compare(
  candidates: readonly Buffer[],
  secrets: readonly string[],
  texts: readonly SignedText[],
  by: {
    read: (text: SignedText, secret: string) => Chunk[] | undefined;
    digest: (chunks: Chunk[], secret: string) => Buffer | undefined;
  },
): Verification {
  if (candidates.length === 0) return rejected('wrong-signature');
  let verification = rejected('incomplete');
  for (const text of texts) {
    const shared = text.holdsSecret ? undefined : by.read(text, '');
    for (const secret of secrets) {
      const chunks = text.holdsSecret ? by.read(text, secret) : shared;
      if (chunks === undefined) break;
      verification = rejected('wrong-signature');
      const expected = by.digest(chunks, secret);
      if (expected === undefined) continue;
      const right = candidates.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
      if (right) return verified;
    }
  }
  return verification;
}

function compileAlgorithm(options: AlgorithmOptions): (view: RequestView) => DigestAlgorithm | undefined {
  if (typeof options === 'string') return () => options;
  const read = compileSelector(parseSelector(options.from, ['sig', 'header', 'form']));
  const names = new Map(Object.entries(options.names));
  return (view) => names.get(read(view) ?? '');
}

/** The fields beside the signature that the scheme needs. */
function usedFieldsOf({ algorithm, timestamp }: DigestOptions, signed: readonly string[]): string[] {
  const selectors = [timestamp?.from, typeof algorithm === 'string' ? undefined : algorithm.from];
  const own = selectors.flatMap((each) => (each?.startsWith('sig:') === true ? [each.slice('sig:'.length)] : []));
  return [...new Set([...own, ...signed])];
}

/** A field beside a signature holds the name of the algorithm or else the time, in seconds unless the preset says otherwise. */
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

/** Anybody who replays an old request could set an unsigned time to now. */
export function signsItsTime({ signed, timestamp }: Pick<DigestOptions, 'signed' | 'timestamp'>): boolean {
  return timestamp === undefined || [signed].flat().every((text) => text.includes(`{${timestamp.from}}`));
}

/** Whether the secret is part of the signed texts. A template that does not compile has a finding of its own. */
export function holdsSecret({ signed }: Pick<DigestOptions, 'signed'>, which: 'some' | 'every'): boolean {
  return [signed].flat()[which]((text) => /\{\s*secret\s*\}/.test(text));
}

/** `{canonical:name}` must be declared beside it. */
export function namesItsForms({ signed, canonical = {} }: Pick<DigestOptions, 'signed' | 'canonical'>): boolean {
  const names = [signed].flat().flatMap((text) => [...text.matchAll(/\{\s*canonical:([^}\s]*)\s*\}/g)]);
  return names.every(([, name = '']) => Object.hasOwn(canonical, name));
}
