import { createHmac, createPrivateKey, sign } from 'node:crypto';
import type { EndpointPolicy } from '../../language/endpoint-policy.ts';

/** In PKCS #8, an Ed25519 private key is this prefix and the 32 bytes of the seed (RFC 8410). */
const pkcs8Ed25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface SignedContent {
  /** `webhook-id`: the same for every attempt. Must not contain a full stop, which would make the signed text ambiguous. */
  id: string;
  /** `webhook-timestamp`: seconds since 1970 of this attempt. */
  timestampSeconds: number;
  /** Signed and sent byte for byte; text as UTF-8. */
  body: string | Uint8Array;
}

/** How an endpoint wants its webhooks signed: see the schema. */
export type Signature = NonNullable<EndpointPolicy['signature']>;
type OwnHmac = Extract<Signature, { hmac: unknown }>['hmac'];

/**
 * The headers that sign a webhook, the newest key first. Those of Standard Webhooks have one signature for each key of a wanted
 * version. An HMAC of the receiver's own design has one signature, by the newest key that is not for Ed25519; with timestamp and
 * signatures in one header it has all, as Stripe's. Throws if no key fits, since an unsigned webhook must not go out.
 */
export function signatureHeaders(
  signature: Signature,
  content: SignedContent,
  keys: readonly string[],
): Record<string, string> {
  if ('hmac' in signature) return ownHmacHeaders(signature.hmac, content, keys.filter(isHmacKey));
  const { standard } = signature;
  const wanted = keys.filter((key) => standard.includes(isHmacKey(key) ? 'v1' : 'v1a'));
  return signedHeaders(content, wanted);
}

/**
 * The three headers of Standard Webhooks (https://www.standardwebhooks.com, version 1). Keys are `whsec_<base64>` or any text for
 * HMAC-SHA256 (`v1`), or `whsk_<base64 of seed and public key>` for Ed25519 (`v1a`). Several keys give several signatures, for
 * rotation. Receivers skip those that they do not know.
 */
export function signedHeaders(content: SignedContent, keys: readonly string[]): Record<string, string> {
  if (content.id.includes('.')) throw new TypeError('A webhook id must not contain a full stop');
  if (keys.length === 0) throw new TypeError('A webhook needs a signing key');
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestampSeconds),
    'webhook-signature': keys.map((key) => standardSignature(content, key)).join(' '),
  };
}

function standardSignature({ id, timestampSeconds, body }: SignedContent, key: string): string {
  // Bytes, since a forwarded body need not be UTF-8 and decoding could change it.
  const content = Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`), Buffer.from(body)]);
  if (isHmacKey(key)) return `v1,${createHmac('sha256', hmacKey(key)).update(content).digest('base64')}`;
  return `v1a,${sign(null, content, ed25519Key(key)).toString('base64')}`;
}

/** `webhook-id` is sent, too, so that a receiver can tell a repeat, and it is not signed. */
function ownHmacHeaders(
  { header, algorithm = 'sha256', encoding = 'hex', prefix = '', timestampHeader = null, inOne = false }: OwnHmac,
  { id, timestampSeconds, body }: SignedContent,
  keys: readonly string[],
): Record<string, string> {
  const [newest] = keys;
  if (newest === undefined) throw new TypeError('A webhook needs a signing key');
  const isStamped = inOne || timestampHeader !== null;
  const content = Buffer.concat([Buffer.from(isStamped ? `${timestampSeconds}.` : ''), Buffer.from(body)]);
  // The receiver's own secret, as it is: what it got from Kait or gave to Kait, not decoded.
  const signed = (key: string) => prefix + createHmac(algorithm, key).update(content).digest(encoding);
  const inHeader = [`t=${timestampSeconds}`, ...keys.map((key) => `v1=${signed(key)}`)].join(',');
  return {
    'webhook-id': id,
    [header.toLowerCase()]: inOne ? inHeader : signed(newest),
    ...(timestampHeader !== null && { [timestampHeader.toLowerCase()]: String(timestampSeconds) }),
  };
}

function isHmacKey(key: string): boolean {
  return !key.startsWith('whsk_');
}

/** A secret that is not written as Standard Webhooks does is the key itself. */
function hmacKey(key: string): Buffer {
  return key.startsWith('whsec_') ? decoded(key) : Buffer.from(key);
}

function ed25519Key(key: string) {
  const seed = decoded(key).subarray(0, 32);
  return createPrivateKey({ key: Buffer.concat([pkcs8Ed25519, seed]), format: 'der', type: 'pkcs8' });
}

function decoded(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
