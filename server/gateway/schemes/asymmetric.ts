import { createPublicKey, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  type Credentials,
  type FetchedKey,
  type KeyAsker,
  rejected,
  type RejectionReason,
  type Scheme,
  type Verification,
} from './scheme.ts';
import type { Chunk } from '../filters.ts';
import { compileFreshness, timestampSchema } from '../freshness.ts';
import { formatInstant } from '../instant.ts';
import { writeAt } from '../outbound-draft.ts';
import type { RequestView } from '../request-view.ts';
import { compileSignatures, formatSignature, type SignatureGroup, signatureSchema, triesFor } from '../signature.ts';
import { compileSignedText, signedTextSchema } from '../signed-text.ts';
import { signsItsTime, signsItsTimeMessage } from './digest-scheme.ts';
import { compileKeyAddress, keyAddressSchema, type KeyAddressOptions } from './key-address.ts';
import { compileSecrets, keyIdSchema, remembering } from './secrets.ts';

export const asymmetricSchema = z
  .strictObject({
    scheme: z.literal('asymmetric'),
    algorithm: z.enum(['rsa-sha256', 'ed25519']),
    signature: signatureSchema,
    signed: z.union([signedTextSchema, z.array(signedTextSchema).min(1).max(4)]),
    key: z
      .strictObject({
        form: z.enum(['pem', 'raw']).default('pem').describe('raw: the 32 bytes of an Ed25519 key in base64.'),
        prefix: z.string().min(1).optional().describe('A prefix that is not part of the key: whpk_.'),
        fetch: keyAddressSchema.optional(),
      })
      .prefault({})
      .describe('The format of the public key. pem can also be a certificate.'),
    keyId: keyIdSchema,
    timestamp: timestampSchema.optional(),
  })
  .refine(signsItsTime, signsItsTimeMessage)
  .describe('A signature that only the gateway can make, verified with its public key.');
export type AsymmetricOptions = z.output<typeof asymmetricSchema>;

export function compileAsymmetric(options: AsymmetricOptions): Scheme {
  const signed = [options.signed].flat().map((template) => compileSignedText(template));
  const usedFields = [...new Set(signed.flatMap(({ signatureFields }) => signatureFields))];
  const readSignatures = compileSignatures(options.signature, usedFields);
  const { isKey, keysIn } = compileParsing(options);
  const readKeys = compileKeys(options, isKey);
  const checkFreshness = compileFreshness(options.timestamp);
  const algorithm = options.algorithm === 'ed25519' ? null : 'sha256';

  function judge(
    view: RequestView,
    groups: SignatureGroup[],
    keys: KeyObject[] | RejectionReason,
    nowMs: number | null,
  ): Verification {
    if (typeof keys === 'string') return rejected(keys);
    let verification = rejected('incomplete');
    for (const { fields, candidates } of groups) {
      const own = { ...view, signatureFields: fields };
      for (const { read } of signed) {
        const chunks = read(own, '');
        if (chunks === undefined) continue;
        verification = rejected('wrong-signature');
        const text = joined(chunks);
        const right = triesOf(candidates, keys, text.length).some(({ key, candidate }) =>
          verify(algorithm, text, key, candidate),
        );
        if (right) return checkFreshness(own, nowMs);
      }
    }
    return verification;
  }

  return {
    scope: 'request',
    async verify(view, credentials, nowMs) {
      const groups = readSignatures(view);
      if (groups === undefined) return rejected('missing-signature');
      if (groups.length === 0) return rejected('malformed-signature');
      const read = await readKeys(view, credentials);
      if (typeof read === 'string') return rejected(read);
      const { texts, fetched } = read;
      const verification = judge(view, groups, keysIn(texts, nowMs), nowMs);
      if (verification.ok) fetched?.noteVerified(fetched.text);
      if (!fetched?.refetched || !maySucceed(verification)) return verification;
      const text = await fetched.refetched.catch(() => null);
      if (text === null) return rejected('key-unavailable');
      if (text === fetched.text) return verification;
      const second = judge(view, groups, keysIn([text], nowMs), nowMs);
      if (second.ok) fetched.noteVerified(text);
      return second;
    },
    sign(draft, view, { secret }, nowMs) {
      const { timestamp } = options;
      const dated =
        timestamp === undefined ? draft : writeAt(draft, timestamp.from, formatInstant(nowMs, timestamp.format));
      const own = { ...view, request: { ...view.request, ...dated } };
      const chunks = signed[0]?.read(own, '');
      if (chunks === undefined) throw new Error('The sample lacks something that the signature covers.');
      if (!secret.includes('PRIVATE KEY'))
        throw new Error('Only the gateway has the private key that signs its webhooks.');
      const made = sign(algorithm, Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))), secret);
      return writeAt(dated, options.signature.from, formatSignature(made, options.signature, own));
    },
  };
}

/** Gateways send one, and two while they change their key. */
const mostCandidates = 4;

/**
 * What is verified in turn, at some 50 µs each and the time to hash the text. Above 256 KiB, that is each key with the first
 * signature, and one pair more; from 512 KiB on, two pairs or each key with the first signature, so that a forged MiB costs 5 ms.
 */
function triesOf(candidates: readonly Buffer[], keys: readonly KeyObject[], bytes: number) {
  const pairs = candidates
    .slice(0, mostCandidates)
    .flatMap((candidate) => keys.filter((key) => fitsKey(candidate, key)).map((key) => ({ key, candidate })));
  const signatures = Math.floor(triesFor(bytes) / mostCandidates);
  const least = bytes < 2 ** 19 ? keys.length + 1 : Math.max(2, keys.length);
  return pairs.slice(0, Math.max(least, keys.length * signatures));
}

/** Without copying a large body. */
function joined(chunks: readonly Chunk[]): Buffer {
  const [only] = chunks;
  if (chunks.length === 1 && Buffer.isBuffer(only)) return only;
  return Buffer.concat(chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}

/** Signatures of other lengths are wrong. To find that out, Node would hash the text first. */
function fitsKey(signature: Buffer, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'ed25519') return signature.length === 64;
  return signature.length === Math.ceil((asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** Whether another key could verify the request. */
function maySucceed(verification: Verification): boolean {
  return !verification.ok && (verification.reason === 'wrong-signature' || verification.reason === 'untrusted-key');
}

/** The source's own keys, or one that was fetched. */
interface ReadKeys {
  texts: readonly string[];
  fetched: FetchedKey | null;
}

function compileParsing({ algorithm, key }: AsymmetricOptions) {
  const parse = remembering((text) => parseKey(text, algorithm, key));
  return {
    isKey: (text: string) => parse(text) !== undefined,
    keysIn: (texts: readonly string[], nowMs: number | null): KeyObject[] | RejectionReason => {
      const keys = texts.flatMap((text) => parse(text) ?? []);
      if (keys.length === 0) return 'no-secret';
      const valid = keys.filter(({ isValidAt }) => isValidAt(nowMs));
      return valid.length === 0 ? 'untrusted-key' : valid.map(({ publicKey }) => publicKey);
    },
  };
}

/** Reads the source's own keys, or else fetches the key whose address is in the request. */
function compileKeys({ key, keyId }: AsymmetricOptions, isKey: KeyAsker['isKey']) {
  const readSecrets = compileSecrets(keyId);
  const readFetched = key.fetch === undefined ? undefined : compileFetch(key.fetch, isKey);
  return async (view: RequestView, credentials: Credentials): Promise<ReadKeys | RejectionReason> => {
    const secrets = readSecrets(view, credentials);
    if (typeof secrets !== 'string') return { texts: secrets, fetched: null };
    if (readFetched === undefined) return secrets;
    const fetched = await readFetched(view, credentials);
    return typeof fetched === 'string' ? fetched : { texts: [fetched.text], fetched };
  };
}

function compileFetch(options: KeyAddressOptions, isKey: KeyAsker['isKey']) {
  const readAddress = compileKeyAddress(options);
  return async (view: RequestView, { fetchKey }: Credentials): Promise<FetchedKey | RejectionReason> => {
    const address = readAddress(view);
    if (address === undefined) return 'untrusted-key';
    if (fetchKey === undefined) return 'key-unavailable';
    return fetchKey(address, { sender: view.request.sender ?? '', isKey }).catch(() => 'key-unavailable' as const);
  };
}

interface VerificationKey {
  publicKey: KeyObject;
  /** Certificates expire. */
  isValidAt: (nowMs: number | null) => boolean;
}

/** Undefined if the text is not a key for the algorithm. */
function parseKey(
  text: string,
  algorithm: AsymmetricOptions['algorithm'],
  { form, prefix = '' }: AsymmetricOptions['key'],
): VerificationKey | undefined {
  const written = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  try {
    if (form === 'raw') {
      const x = Buffer.from(written, 'base64').toString('base64url');
      return always(createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }));
    }
    if (written.includes('BEGIN CERTIFICATE')) return ofCertificate(new X509Certificate(written));
    const key = createPublicKey(written);
    return key.asymmetricKeyType === (algorithm === 'ed25519' ? 'ed25519' : 'rsa') ? always(key) : undefined;
  } catch {
    return undefined;
  }
}

function always(publicKey: KeyObject): VerificationKey {
  return { publicKey, isValidAt: () => true };
}

function ofCertificate(certificate: X509Certificate): VerificationKey {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  return { publicKey: certificate.publicKey, isValidAt: (nowMs) => nowMs === null || (nowMs >= from && nowMs <= to) };
}
