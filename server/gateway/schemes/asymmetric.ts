import { createPublicKey, sign, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Credentials, rejected, type RejectionReason, type Scheme } from './scheme.ts';
import { compileFreshness, timestampSchema } from '../freshness.ts';
import { formatInstant } from '../instant.ts';
import { writeAt } from '../outbound-draft.ts';
import { selectorSchema, compileSelector, parseSelector } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import { compileSignatures, formatSignature, signatureSchema, triesFor } from '../signature.ts';
import { compileSignedText, signedTextSchema } from '../signed-text.ts';
import { signsItsTime, signsItsTimeMessage } from './digest-scheme.ts';
import { compileSecrets, keyIdSchema, remembering } from './secrets.ts';
const keySourceSchema = z
  .strictObject({
    from: selectorSchema(['header', 'json']).describe('The selector of the address of the key or certificate.'),
    hosts: z
      .array(z.string().regex(/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'expected a host such as *.paypal.com'))
      .min(1)
      .describe('The hosts that keys may be fetched from. *. stands for any subdomain.'),
    path: z.string().startsWith('/').describe('The beginning of the address’s path.'),
  })
  .describe('Fetches the key over https from the address in the request, unless the source has secrets.');

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
        fetch: keySourceSchema.optional(),
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
  const readKeys = compileKeys(options);
  const checkFreshness = compileFreshness(options.timestamp);
  const algorithm = options.algorithm === 'ed25519' ? null : 'sha256';
  return {
    scope: 'request',
    async verify(view, credentials, nowMs) {
      const groups = readSignatures(view);
      if (groups === undefined) return rejected('missing-signature');
      if (groups.length === 0) return rejected('malformed-signature');
      const keys = await readKeys(view, credentials, nowMs);
      if (typeof keys === 'string') return rejected(keys);
      let verification = rejected('incomplete');
      for (const { fields, candidates } of groups) {
        const own = { ...view, signatureFields: fields };
        for (const { read } of signed) {
          const chunks = read(own, '');
          if (chunks === undefined) continue;
          verification = rejected('wrong-signature');
          const text = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)));
          const tried = candidates.slice(0, Math.min(mostCandidates, triesFor(text.length)));
          const right = keys.some((key) =>
            tried.some((each) => fitsKey(each, key) && verify(algorithm, text, key, each)),
          );
          if (right) return checkFreshness(own, nowMs);
        }
      }
      return verification;
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

/** Each is checked with every key, at some 50 µs. Gateways send one, and two while they change their key. */
const mostCandidates = 4;

/** Signatures of other lengths are wrong. To find that out, Node would hash the text first. */
function fitsKey(signature: Buffer, { asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  if (asymmetricKeyType === 'ed25519') return signature.length === 64;
  return signature.length === Math.ceil((asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

type ReadKeys = (
  view: RequestView,
  credentials: Credentials,
  nowMs: number | null,
) => Promise<KeyObject[] | RejectionReason>;

/** Reads the source's own keys, or else fetches the key whose address is in the request. */
function compileKeys({ algorithm, key, keyId }: AsymmetricOptions): ReadKeys {
  const readSecrets = compileSecrets(keyId);
  const fetched = key.fetch === undefined ? undefined : compileFetch(key.fetch);
  const parse = remembering((text) => parseKey(text, algorithm, key));
  return async (view, credentials, nowMs) => {
    const secrets = readSecrets(view, credentials);
    const texts = typeof secrets === 'string' && fetched !== undefined ? await fetched(view, credentials) : secrets;
    if (typeof texts === 'string') return texts;
    const keys = texts.flatMap((text) => parse(text) ?? []);
    if (keys.length === 0) return 'no-secret';
    const valid = keys.filter(({ isValidAt }) => isValidAt(nowMs));
    return valid.length === 0 ? 'untrusted-key' : valid.map(({ publicKey }) => publicKey);
  };
}

function compileFetch({ from, hosts, path }: z.output<typeof keySourceSchema>) {
  const read = compileSelector(parseSelector(from, ['header', 'json']));
  return async (view: RequestView, { fetchKey }: Credentials): Promise<string[] | RejectionReason> => {
    const text = read(view);
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !isTrusted(url, hosts, path)) return 'untrusted-key';
    if (fetchKey === undefined) return 'key-unavailable';
    return fetchKey(url.href).then(
      (key) => [key],
      () => 'key-unavailable' as const,
    );
  };
}

function isTrusted(url: URL, hosts: readonly string[], path: string): boolean {
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  const known = hosts.some((host) =>
    host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host,
  );
  return plain && known && url.pathname.startsWith(path) && url.search === '' && !url.pathname.includes('%');
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
