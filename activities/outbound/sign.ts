import { createHmac, createPrivateKey, sign } from 'node:crypto';

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

/**
 * The three headers of Standard Webhooks (https://www.standardwebhooks.com, version 1). Keys are `whsec_<base64>` for
 * HMAC-SHA256 (`v1`) or `whsk_<base64 of seed and public key>` for Ed25519 (`v1a`). Several keys give several signatures, for
 * rotation. Receivers skip those that they do not know.
 */
export function signedHeaders(content: SignedContent, keys: readonly string[]): Record<string, string> {
  if (content.id.includes('.')) throw new TypeError('A webhook id must not contain a full stop');
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestampSeconds),
    'webhook-signature': keys.map((key) => signature(content, key)).join(' '),
  };
}

function signature({ id, timestampSeconds, body }: SignedContent, key: string): string {
  // Bytes, since a forwarded body need not be UTF-8 and decoding could change it.
  const content = Buffer.concat([Buffer.from(`${id}.${timestampSeconds}.`), Buffer.from(body)]);
  if (key.startsWith('whsec_')) {
    return `v1,${createHmac('sha256', decoded(key)).update(content).digest('base64')}`;
  }
  if (key.startsWith('whsk_')) return `v1a,${sign(null, content, ed25519Key(key)).toString('base64')}`;
  throw new TypeError('A signing key must begin with whsec_ or whsk_');
}

function ed25519Key(key: string) {
  const seed = decoded(key).subarray(0, 32);
  return createPrivateKey({ key: Buffer.concat([pkcs8Ed25519, seed]), format: 'der', type: 'pkcs8' });
}

function decoded(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
